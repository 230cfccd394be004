import type { AcceptedEmail } from "@playground/tasks/clients/message-server";

export function acceptedEmail(number: number, sampled: boolean = true): AcceptedEmail {
  const traceId = String(number).padStart(32, "0");
  return {
    id: `id-${number}`,
    messageId: `<id-${number}@playground.invalid>`,
    traceId,
    traceUrl: `http://zipkin/zipkin/traces/${traceId}`,
    sampled,
  };
}

/** A clock that only moves when somebody waits: tests of waiting take no time. */
export class FakeClock {
  #nowMs = 0;

  readonly now = (): number => this.#nowMs;

  /** Advances the clock once nothing else can run. */
  readonly sleep = async (durationMs: number, signal?: AbortSignal): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve));
    if (!signal?.aborted) this.#nowMs += durationMs;
  };
}
