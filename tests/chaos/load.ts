import type { MessageServerClient } from "@playground/tasks/clients/message-server";
import { Pacer } from "@playground/tasks/load";
import { sleep } from "@playground/shared/time";
import type { ChaosEmail } from "./emails.ts";
import type { Ledger } from "./ledger.ts";

export interface LoadTarget {
  readonly name: string;
  readonly client: MessageServerClient;
}

/** Holds those up who pass through it, while it is closed. */
export class Gate {
  #opening: PromiseWithResolvers<void> | undefined;

  close(): void {
    this.#opening ??= Promise.withResolvers<void>();
  }

  open(): void {
    this.#opening?.resolve();
    this.#opening = undefined;
  }

  async pass(): Promise<void> {
    await this.#opening?.promise;
  }
}

export interface LoadOptions {
  readonly servers: readonly LoadTarget[];
  readonly emailOf: (index: number) => Promise<ChaosEmail>;
  readonly ledger: Ledger;
  readonly ratePerSecond: number;
  readonly durationMs: number;
  /** Holds the requests up while it is closed. */
  readonly gate: Gate;
  readonly signal: AbortSignal;
}

const CONNECTIONS = 32;
/** Before a request is made again. */
const RETRY_PAUSE_MS = 300;

/**
 * Sends emails at a steady rate over many connections. A request without a promise is made again, with the same
 * `Idempotency-Key`, until there is one; some callers are not that patient, and some ask again for what they were promised.
 */
export async function sendLoad(options: LoadOptions): Promise<void> {
  const { servers, emailOf, ledger, ratePerSecond, durationMs, gate, signal } = options;
  const pacer = new Pacer({ ratePerSecond, count: undefined, durationMs }, performance.now());
  let requestCount = 0;

  const post = async (email: ChaosEmail): Promise<boolean> => {
    const [server] = servers.slice(requestCount++ % servers.length);
    if (server === undefined) throw new RangeError("Cannot send: there is no message server");
    const postedAtMs = ledger.posting(email);
    const result = await server.client.postEmail(email.document, {
      "idempotency-key": email.idempotencyKey,
    });
    ledger.answered(email, result, { server: server.name, postedAtMs });
    return result.status === "accepted";
  };

  const sendOneAfterTheOther = async () => {
    for (;;) {
      const slot = pacer.next(performance.now());
      if (slot === undefined) return;
      await sleep(Math.max(0, slot.dueAtMs - performance.now()), signal);
      const email = await emailOf(slot.index);
      for (;;) {
        await gate.pass();
        if (signal.aborted) return;
        const isAccepted = await post(email);
        if (isAccepted || !email.isPatient) break;
        await sleep(RETRY_PAUSE_MS, signal);
      }
      if (email.isRepeated) await post(email);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, sendOneAfterTheOther));
}
