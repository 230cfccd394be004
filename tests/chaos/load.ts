import { sleep } from "@playground/shared/time";
import { eachWhenDue } from "@playground/tasks/load";
import { type ChaosEmail, createEmailWriter } from "./emails.ts";
import type { Ledger } from "./ledger.ts";
import type { ChaosSystem } from "./system.ts";

export interface LoadOptions {
  readonly seed: number;
  readonly runId: string;
  readonly durationMs: number;
  readonly ratePerSecond: number;
}

const CONNECTIONS = 32;
/** The pause before a request is repeated. */
const RETRY_PAUSE_MS = 300;

/**
 * Sends emails at a steady rate over many connections. A request without a promise is retried with the same `Idempotency-Key`
 * until there is one; some callers give up, and some post again what was promised.
 */
export async function sendLoad(
  { seed, runId, durationMs, ratePerSecond }: LoadOptions,
  { services }: ChaosSystem,
  ledger: Ledger,
  signal: AbortSignal,
): Promise<void> {
  const servers = services.filter(({ service }) => service === "message-server");
  const emailOf = createEmailWriter(seed, runId);
  let requestCount = 0;
  const post = async (email: ChaosEmail) => {
    const [server] = servers.slice(requestCount++ % servers.length);
    if (server === undefined) throw new RangeError("Cannot send: there is no message server");
    return await ledger.post(
      email,
      server.process.name,
      () => server.client.postEmail(email.document, { "idempotency-key": email.idempotencyKey }),
    );
  };
  await eachWhenDue(
    { ratePerSecond, durationMs, concurrency: CONNECTIONS },
    async (index) => {
      const email = await emailOf(index);
      for (;;) {
        if (signal.aborted) return;
        const isAccepted = await post(email);
        if (isAccepted || !email.isPatient) break;
        await sleep(RETRY_PAUSE_MS, signal);
      }
      if (email.isRepeated) await post(email);
    },
    signal,
  );
}
