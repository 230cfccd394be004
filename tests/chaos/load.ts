import type { MessageServerClient } from "@playground/tasks/clients/message-server";
import { Pacer } from "../../tasks/load/pacer.ts";
import { sleep } from "@playground/shared/time";
import type { ChaosEmail } from "./emails.ts";
import type { Gate } from "./gate.ts";
import type { Ledger } from "./ledger.ts";

/** A message server that is posted to. */
export interface LoadTarget {
  /** What people know it by. */
  readonly name: string;
  /** How to post to it. */
  readonly client: MessageServerClient;
}

/** What sending load needs. */
export interface LoadOptions {
  /** The message servers; each request goes to the next one. */
  readonly servers: readonly LoadTarget[];
  /** Writes the emails. */
  readonly emailOf: (index: number) => Promise<ChaosEmail>;
  /** Takes down what was asked and answered. */
  readonly ledger: Ledger;
  /** How many emails a second. */
  readonly ratePerSecond: number;
  /** For how long. */
  readonly durationMs: number;
  /** Holds the requests up while it is closed. */
  readonly gate: Gate;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

/** Requests at once. */
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
