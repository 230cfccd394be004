import { deepEqual, equal } from "node:assert/strict";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { createEmailReader } from "./email_reader.ts";
import { ZipkinApi } from "./zipkin_api.ts";

const ID = "6f9619ff-8b86-4011-b42d-00c04fc964ff";
const [OWN, CUT, POLL] = ["a", "b", "c"].map((digit) => digit.repeat(32)) as [
  string,
  string,
  string,
];
const ACCEPTED_MS = 1_800_000_000_000;

function span(
  traceId: string,
  name: string,
  id: string,
  tags: Readonly<Record<string, string>> = {},
  rest: Partial<ZipkinSpan> = {},
): ZipkinSpan {
  return { traceId, id, name, timestamp: ACCEPTED_MS * 1_000, duration: 9, tags, ...rest };
}

const REQUEST = span(OWN, "schedule-email", "1", { "http.status_code": "202" });
const PUBLISH = span(OWN, "amqp-publish", "2", { "messaging.message.id": ID }, {
  parentId: "1",
  kind: "PRODUCER",
});
const attempt = (traceId: string) =>
  span(traceId, "emailer", "3", { correlation_id: ID, outcome: "delivered" }, {
    ...(traceId === OWN ? { parentId: "2" } : {}),
  });
const archived = (traceId: string) =>
  span(traceId, "archive-email", "4", { correlation_id: ID }, { parentId: "3" });
const POLLED = [
  span(POLL, "poll-email", "5"),
  span(POLL, "store-message", "6", { correlation_id: ID }, { parentId: "5" }),
  // Of another mail.
  span(POLL, "store-message", "7", { correlation_id: ID.replace("6", "7") }, { parentId: "5" }),
];

/** The state of an email in a collector with these spans, alone and in the list, and what else the picture has. */
async function read(spans: readonly ZipkinSpan[], afterMs = 60_000) {
  let queryCount = 0;
  const answer = (input: RequestInfo | URL) => {
    const { pathname, searchParams } = new URL(String(input));
    queryCount++;
    const byId = /trace\/(?<id>.+)$/.exec(pathname)?.groups?.id;
    if (byId !== undefined) {
      return Promise.resolve(Response.json(spans.filter(({ traceId }) => traceId === byId)));
    }
    const [tag = "", value = ""] = searchParams.get("annotationQuery")?.split("=") ?? [];
    const traces = [...Map.groupBy(spans, ({ traceId }) => traceId).values()];
    return Promise.resolve(
      Response.json(
        traces.filter((trace) =>
          trace.some(({ name }) => name === searchParams.get("spanName")) &&
          (tag === "" || trace.some(({ tags }) => tags?.[tag] === value))
        ),
      ),
    );
  };
  const api = new ZipkinApi(new URL("http://zipkin.example"), answer);
  const reader = createEmailReader(
    api,
    () => undefined,
    "message-server",
    () => ACCEPTED_MS + afterMs,
  );
  const one = await reader.trace(OWN, ID);
  const oneQueryCount = queryCount;
  const all = await reader.recent(10);
  if (one.status !== "found" || all.status !== "found") throw new Error(one.status);
  return {
    state: one.trace.state?.name,
    listed: all.emails.map(({ state }) => state.name),
    names: one.trace.rows.map(({ name }) => name).sort(),
    queryCount: oneQueryCount,
  };
}

Deno.test("readElsewhere() finds an email whose message lost its context", async () => {
  const { state, listed, names } = await read([REQUEST, PUBLISH, attempt(CUT), archived(CUT)]);
  deepEqual([state, listed], ["archived", ["archived"]]);
  deepEqual(names, ["amqp-publish", "archive-email", "emailer", "schedule-email"]);
});

Deno.test("readElsewhere() finds an email whose mail lost its context, and no other mail", async () => {
  const { state, listed, names } = await read([REQUEST, PUBLISH, attempt(OWN), ...POLLED]);
  deepEqual([state, listed], ["archived", ["archived"]]);
  deepEqual(names, ["amqp-publish", "emailer", "poll-email", "schedule-email", "store-message"]);
});

Deno.test("readElsewhere() takes no mail's word for an email that nobody has sent", async () => {
  const { state, listed } = await read([REQUEST, PUBLISH, ...POLLED]);
  deepEqual([state, listed], ["queued", ["queued"]]);
});

Deno.test("readElsewhere() is not asked about a young email, or one that is archived", async () => {
  const usual = await read([REQUEST, PUBLISH, attempt(OWN), archived(OWN)]);
  deepEqual([usual.state, usual.queryCount], ["archived", 2]);
  equal((await read([REQUEST, PUBLISH, attempt(CUT)], 1_000)).state, "queued");
});
