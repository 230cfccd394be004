import { MessageServerClient } from "@playground/tasks/clients/message-server";
import { eachWhenDue } from "@playground/tasks/load";
import { sleep } from "@playground/shared/time";
import { type ChaosEmail, createEmailWriter } from "./emails.ts";
import type { Run } from "./run.ts";

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

const CONNECTIONS = 32;
/** Before a request is made again. */
const RETRY_PAUSE_MS = 300;

/**
 * Sends emails at a steady rate over many connections. A request without a promise is made again, with the same
 * `Idempotency-Key`, until there is one; some callers are not that patient, and some ask again for what they were promised.
 */
export async function sendLoad(run: Run, signal: AbortSignal): Promise<void> {
  const { seed, id, system, ledger, ratePerSecond, durationMs } = run;
  const servers = system.services.filter(({ service }) => service === "message-server").map(
    ({ url, process }) => ({ name: process.name, client: new MessageServerClient(url, undefined) }),
  );
  const emailOf = createEmailWriter(seed, id);
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

  await eachWhenDue({ ratePerSecond, durationMs, concurrency: CONNECTIONS }, async (index) => {
    const email = await emailOf(index);
    for (;;) {
      await system.loadGate.pass();
      if (signal.aborted) return;
      const isAccepted = await post(email);
      if (isAccepted || !email.isPatient) break;
      await sleep(RETRY_PAUSE_MS, signal);
    }
    if (email.isRepeated) await post(email);
  }, signal);
}
