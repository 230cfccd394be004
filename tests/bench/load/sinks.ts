import { text } from "node:stream/consumers";
import { serveLocally } from "@playground/shared/testing";
import { SMTPServer } from "smtp-server";
import { listenOnLoopback } from "../../../emailer/testing/loopback_server.ts";
import { rejectOnAbort } from "../context.ts";
import { preciseNow } from "./generator.ts";

const NUMBER = /^subject: (?<number>\d+)\r$/im;

/**
 * A mail server that accepts every mail and keeps none. It can hold them back: so a queue can fill up while its consumer is
 * connected, and be drained on command.
 */
export async function startSmtpSink(resources: AsyncDisposableStack, signal: AbortSignal) {
  const aborted = rejectOnAbort(signal);
  let gate = Promise.resolve();
  let open = () => {};
  let remaining = 0;
  let onDrained = () => {};
  let arrivedAtMs: number[] = [];
  const accept = async (mail: string) => {
    await gate;
    const number = NUMBER.exec(mail)?.groups?.number;
    if (number !== undefined) arrivedAtMs[Number(number)] = preciseNow();
    if (--remaining === 0) onDrained();
  };

  const server = new SMTPServer({
    logger: false,
    disableReverseLookup: true,
    disabledCommands: ["STARTTLS"],
    allowInsecureAuth: true,
    onAuth: ({ username }, _session, callback) => callback(null, { user: username ?? "" }),
    onData: (stream, _session, callback) => {
      text(stream).then(accept).then(() => callback(null), callback);
    },
  });
  // The sink ignores a client that disconnects.
  server.on("error", () => {});
  const { port } = resources.use(await listenOnLoopback(server.server));
  return {
    port,
    hold() {
      ({ promise: gate, resolve: open } = Promise.withResolvers<void>());
    },
    /** Accepts mails again; returns how long this many took, in seconds. */
    drain(count: number): Promise<number> {
      const { promise, resolve } = Promise.withResolvers<number>();
      remaining = count;
      const startedAtMs = performance.now();
      onDrained = () => resolve((performance.now() - startedAtMs) / 1000);
      open();
      const seconds = Promise.race([promise, aborted]);
      // An aborted client does not wait for it.
      seconds.catch(() => {});
      return seconds;
    },
    /** Returns when each numbered mail was accepted, by {@linkcode preciseNow}, and forgets it. */
    takeArrivals(): readonly number[] {
      const taken = arrivedAtMs;
      arrivedAtMs = [];
      return taken;
    },
  };
}

/** A collector that accepts spans and keeps none: the cost of sending is measured, not the collector's. */
export function startCollectorSink(resources: AsyncDisposableStack) {
  let byteCount = 0;
  const { url } = resources.use(serveLocally(async (request) => {
    byteCount += (await request.bytes()).length;
    return new Response(null, { status: 202 });
  }));
  return { url, byteCount: () => byteCount };
}
