import type { Handler } from "@hono/hono";
import { answerProblem, methodNotAllowed } from "../problem.ts";
import type { ServerEnvironment } from "../request_tracing.ts";
import { invalidEmail, invalidTraceId } from "../trace_route.ts";
import { isEmailName, toTraceId } from "../trace_view/mod.ts";
import type { CancelTimer, CollectorFeed, Subscription, Timer } from "./collector_feed.ts";
import { liveComment } from "./outbox.ts";

export interface EventsRouteOptions {
  readonly feed: CollectorFeed;
  readonly timer: Timer;
}

/**
 * Proxies give a silent connection up after a minute or so. And a reader that has not even taken one sign of life when the next
 * is due reads too slowly, or not at all: it is dropped.
 */
const HEARTBEAT_MS = 15_000;
const HEARTBEAT = liveComment("heartbeat");
/** Sent at once, since proxies pass the answer's headers on together with its first byte. */
const WELCOME = liveComment("welcome");
const RETRY_AFTER_SECONDS = 5;
/** How much is handed out at once: what a reader does not take is copied for each of them. */
const PIECE_BYTES = 16_384;

/**
 * `GET /api/events`: tells what is new as a stream of server-sent events (https://html.spec.whatwg.org/#server-sent-events), to
 * be read with `fetch`, since an EventSource cannot send a token.
 */
export function getEvents({ feed, timer }: EventsRouteOptions): Handler<ServerEnvironment> {
  return function getEvents(c) {
    // Hono answers HEAD as it does GET and drops the body, of which nobody would ever see the end.
    if (c.req.method === "HEAD") return methodNotAllowed(c, "GET");
    const trace = c.req.query("trace");
    const traceId = toTraceId(trace ?? "");
    if (trace !== undefined && traceId === undefined) return invalidTraceId(c, "follow the trace");
    const emailId = c.req.query("email");
    if (emailId !== undefined && !isEmailName(emailId)) return invalidEmail(c, "follow it");
    const result = feed.subscribe(traceId, emailId);
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
    return c.body(streamOf(result.subscription, timer), 200, {
      "content-type": "text/event-stream",
      // nginx would keep the events until it has a page of them.
      "x-accel-buffering": "no",
    });
  };
}

/** Writes the events of a subscription, piece by piece, as fast as they are read; ends with it. */
function streamOf(subscription: Subscription, timer: Timer): ReadableStream<Uint8Array> {
  const { outbox } = subscription;
  let rest = WELCOME.bytes;
  let cancelTimer: CancelTimer;
  const end = () => {
    cancelTimer();
    subscription[Symbol.dispose]();
    rest = rest.subarray(rest.length);
  };
  return new ReadableStream({
    start(controller) {
      const beat = () => {
        if (outbox.has(HEARTBEAT.name)) {
          end();
          controller.error(new Error("The reader has taken nothing for too long"));
          return;
        }
        outbox.put(HEARTBEAT);
        cancelTimer = timer(HEARTBEAT_MS, beat);
      };
      cancelTimer = timer(HEARTBEAT_MS, beat);
    },
    async pull(controller) {
      if (rest.length === 0) {
        const event = await outbox.take();
        if (event === undefined) {
          end();
          return controller.close();
        }
        rest = event.bytes;
      }
      controller.enqueue(rest.subarray(0, PIECE_BYTES));
      rest = rest.subarray(PIECE_BYTES);
    },
    cancel: end,
  }, { highWaterMark: 0 });
}
