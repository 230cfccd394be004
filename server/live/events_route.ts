import type { Handler } from "@hono/hono";
import { streamSSE } from "@hono/hono/streaming";
import { answerProblem, methodNotAllowed } from "../problem.ts";
import type { ServerEnvironment } from "../request_tracing.ts";
import { isTraceId } from "../trace_id.ts";
import type { CollectorFeed } from "./collector_feed.ts";
import type { Outbox } from "./outbox.ts";
import type { CancelTimer, Timer } from "./timer.ts";

/** What the route needs. */
export interface EventsRouteOptions {
  /** Tells what is new. */
  readonly feed: CollectorFeed;
  /** Calls back when it is time for a sign of life. */
  readonly timer: Timer;
}

/** Proxies give a silent connection up after a minute or so. */
const HEARTBEAT_MS = 15_000;
const HEARTBEAT = "heartbeat";
/** How long somebody who cannot listen now should wait. */
const RETRY_AFTER_SECONDS = 5;

/**
 * `GET /api/events`: tells what is new as a stream of server-sent events (https://html.spec.whatwg.org/#server-sent-events), to
 * be read with `fetch`, since an EventSource cannot send a token.
 */
export function getEvents({ feed, timer }: EventsRouteOptions): Handler<ServerEnvironment> {
  return function getEvents(c) {
    // Hono answers HEAD as it does GET and drops the body, of which nobody would ever see the end.
    if (c.req.method === "HEAD") return methodNotAllowed(c, "GET");
    const traceId = c.req.query("trace");
    if (traceId !== undefined && !isTraceId(traceId)) {
      return answerProblem(c, {
        status: 400,
        title: "Invalid trace id",
        detail: "Cannot follow the trace: its id is not valid; give 32 hexadecimal digits",
      });
    }
    const result = feed.subscribe(traceId);
    if (result.status !== "subscribed") {
      return answerProblem(c, {
        status: 503,
        title: "No stream",
        detail: result.status === "full"
          ? `Cannot open the stream: ${result.maxSubscribers} others are open; close one, or try again later`
          : "Cannot open the stream: the server stops; try again in a few seconds",
        headers: { "Retry-After": String(RETRY_AFTER_SECONDS) },
      });
    }
    const { subscription } = result;
    const { outbox } = subscription;
    return streamSSE(c, async (stream) => {
      stream.onAbort(() => subscription[Symbol.dispose]());
      using _subscription = subscription;
      using _heartbeat = beat(outbox, timer);
      for (let events = await outbox.take(); events !== undefined; events = await outbox.take()) {
        for (const { name, data } of events) {
          if (name === HEARTBEAT) await stream.write(": heartbeat\n\n");
          else await stream.writeSSE({ event: name, data });
        }
      }
    });
  };
}

/** Puts a sign of life into the outbox, over and over. */
function beat(outbox: Outbox, timer: Timer): Disposable {
  const next = (): CancelTimer =>
    timer(HEARTBEAT_MS, () => {
      outbox.put({ name: HEARTBEAT, data: "" });
      cancel = next();
    });
  let cancel = next();
  return { [Symbol.dispose]: () => cancel() };
}
