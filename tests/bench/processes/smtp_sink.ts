/**
 * A mail server that accepts every mail and keeps none. It can hold them back: so a queue can fill up while its consumer is
 * connected, and be drained on command.
 *
 * @module
 */
import { serveCommands } from "./serve_commands.ts";
import { serveSmtp } from "./smtp_session.ts";

/** What the sink shall do. */
export type SinkCommand =
  /** Accept no mail for now. */
  | { readonly kind: "hold" }
  /** Accept mails again, and tell how long so many took. */
  | { readonly kind: "drain"; readonly count: number }
  /** Tell when each numbered mail was accepted, and forget it. */
  | { readonly kind: "arrivals" };

/** How long the mails of a `drain` took. */
export interface DrainResult {
  /** From the command to the last mail. */
  readonly seconds: number;
}

/** When each numbered mail was accepted. */
export interface Arrivals {
  /** Its number, and milliseconds since 1970 with a fraction. */
  readonly arrivals: readonly (readonly [number: number, acceptedAtMs: number])[];
}

const NUMBER = /\r\nsubject: (?<number>\d+)\r\n/i;

let gate = Promise.withResolvers<void>();
gate.resolve();
let arrivals: [number, number][] = [];
let remaining = 0;
let drained = Promise.withResolvers<void>();

const accept = async (mail: string) => {
  await gate.promise;
  const number = NUMBER.exec(mail)?.groups?.number;
  if (number !== undefined) {
    arrivals.push([Number(number), performance.timeOrigin + performance.now()]);
  }
  if (--remaining === 0) drained.resolve();
};

const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
(async () => {
  for await (const connection of listener) {
    connection.setNoDelay(true);
    serveSmtp(connection, { accept })
      // A client that goes away without a word is none of the sink's business.
      .catch(() => {}).finally(() => {
        try {
          connection.close();
        } catch {
          // It is closed already.
        }
      });
  }
})();

await serveCommands(async (command: SinkCommand): Promise<DrainResult | Arrivals | void> => {
  switch (command.kind) {
    case "hold":
      gate = Promise.withResolvers();
      return;
    case "drain": {
      remaining = command.count;
      drained = Promise.withResolvers();
      const startedAt = performance.now();
      gate.resolve();
      await drained.promise;
      return { seconds: (performance.now() - startedAt) / 1000 };
    }
    case "arrivals": {
      const told = { arrivals };
      arrivals = [];
      return told;
    }
  }
}, { port: listener.addr.port });
