import type { Handler } from "@hono/hono";
import { z } from "zod";
import { answerUnavailable, methodNotAllowed } from "../problem.ts";
import { emailIn, readQuery, traceIn } from "../query.ts";
import type { ServerEnvironment } from "../request_tracing.ts";
import type { CancelTimer, CollectorFeed, Subscription, Timer } from "./collector_feed.ts";
import { liveComment } from "./outbox.ts";

export interface EventsRouteOptions {
  readonly feed: CollectorFeed;
  readonly timer: Timer;
}

/**
 * Proxies close a silent connection after about a minute. A reader that has not taken one heartbeat when the next is due is too
 * slow and is dropped.
 */
const HEARTBEAT_MS = 15_000;
const HEARTBEAT = liveComment("heartbeat");
/** Sent at once, since proxies forward the headers only with the first byte. */
const WELCOME = liveComment("welcome");
/** How much is written at once: unread output is buffered for each reader. */
const PIECE_BYTES = 16_384;

/** The query of {@linkcode getEvents}. */
export const eventsQuery = z.object({ trace: traceIn("trace"), email: emailIn("email") });

/**
 * `GET /api/events`: sends changes as a stream of server-sent events (https://html.spec.whatwg.org/#server-sent-events), to be
 * read with `fetch`, since an EventSource cannot send a token.
 */
export function getEvents({ feed, timer }: EventsRouteOptions): Handler<ServerEnvironment> {
  return function getEvents(c) {
    // Hono answers HEAD as GET and drops the body, which would never end.
    if (c.req.method === "HEAD") return methodNotAllowed(c, "GET");
    const query = readQuery(c, eventsQuery, "follow the trace");
    if (query instanceof Response) return query;
    const result = feed.subscribe(query.trace, query.email);
    if (result.status === "refused") {
      return answerUnavailable(c, "No stream", `Cannot open the stream: ${result.reason}`);
    }
    return c.body(streamOf(result.subscription, timer), 200, {
      "content-type": "text/event-stream",
      // nginx would buffer the events.
      "x-accel-buffering": "no",
    });
  };
}

/** Writes the events of a subscription as fast as they are read; ends with it. */
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
