import { deepEqual, equal, throws } from "node:assert/strict";
import { EMAIL_TRACE, POLL_TRACE } from "../testing/example_spans.ts";
import {
  assertTrace,
  compareTrace,
  type ExpectedSpan,
  type ExpectedSpans,
  type ExpectedTrace,
  type TraceSpan,
} from "./mod.ts";

/** A span of one trace; the parent is the span of the first digits: `1.2` is below `1`. */
function span(path: string, name: string, rest: Partial<TraceSpan> = {}): TraceSpan {
  const parent = path.split(".").slice(0, -1).join(".");
  const timestamp = Number(path.split(".").at(-1)) * 1_000;
  return {
    traceId: "a",
    id: path,
    ...parent === "" ? {} : { parentId: parent },
    name,
    timestamp,
    duration: 500,
    ...rest,
  };
}

const SENT = span("1", "send", {
  kind: "CLIENT",
  localEndpoint: { serviceName: "emailer" },
  remoteEndpoint: { serviceName: "mailtrap" },
  tags: { code: "250" },
});
const FAILED = span("2", "send", { tags: { code: "451", error: "451 not now" } });

function problems(spans: readonly TraceSpan[], description: ExpectedTrace | ExpectedSpans) {
  return compareTrace(spans, description).differences.map(({ text }) => text.join(": "));
}

for (
  const [what, change, problem] of [
    ["service", { service: "emailer" }, undefined],
    ["service", { service: "x" }, 'service is "emailer", not "x"'],
    ["other side", { remoteService: /^mail/ }, undefined],
    ["other side", { remoteService: null }, 'remoteService is "mailtrap", not absent'],
    ["kind", { kind: "CLIENT" }, undefined],
    ["kind", { kind: "SERVER" }, 'kind is "CLIENT", not "SERVER"'],
    ["id", { id: /^2/ }, 'id is "1", not /^2/'],
    ["parent", { parent: "x" }, 'parent is absent, not "x"'],
    ["parent's id", { parentId: null }, undefined],
    ["tags", { tags: { code: /^2/g, x: null } }, undefined],
    ["tags", { tags: { code: "450", x: /./ } }, 'code is "250", not "450"; x is absent, not /./'],
    ["failure", { isFailed: true }, "error is absent, not present"],
    ["error", { error: "451" }, 'error is absent, not "451"'],
    ["duration", { minDurationMs: 0.5, maxDurationMs: 0.5 }, undefined],
    ["duration", { minDurationMs: 0.6 }, "duration is 0.5 ms, not 0.6 to more"],
    ["duration", { maxDurationMs: 0.4 }, "duration is 0.5 ms, not 0 to 0.4"],
  ] as const satisfies readonly (readonly [string, Partial<ExpectedSpan>, string | undefined])[]
) {
  Deno.test(`compareTrace() looks at the ${what}: ${problem ?? "as expected"}`, () => {
    const found = compareTrace([SENT], [{ name: "send", ...change }]).differences;
    equal(found.map(({ text }) => text[1]).join("; "), problem ?? "");
  });
}

Deno.test("compareTrace() takes a span for successful unless it is described as failed", () => {
  deepEqual(problems([FAILED], ["send"]), ['send: error is "451 not now", not absent']);
  for (const failed of [{ isFailed: true }, { error: /^451/ }]) {
    deepEqual(problems([SENT, FAILED], [{ name: "send", ...failed }, "send"]), []);
  }
});

Deno.test("compareTrace() measures a wait from the end of the parent, or of its first half", () => {
  const wait = (waitMs: number): ExpectedTrace => ({
    spans: [{ name: "emailer", minWaitMs: waitMs, maxWaitMs: waitMs }],
  });
  deepEqual(problems(EMAIL_TRACE, wait(93)), []);
  deepEqual(problems(EMAIL_TRACE, wait(92)), ["emailer: wait is 93 ms, not 92 to 92"]);
});

const pair = [span("1", "a", { tags: { x: "1" } }), span("2", "a")];
for (
  const [what, description, expected] of [
    ["finds places for all, however they overlap", ["a", { name: "a", tags: { x: "1" } }], []],
    ["names each that is missing", [{ name: "a", minCount: 3 }, "b"], ["a: missing", "b: missing"]],
    ["allows more", ["a"], []],
    ["allows so many", [{ name: "a", maxCount: 2 }], []],
    ["allows no more", [{ name: "a", maxCount: 1 }], ["a: more than 1 of it"]],
    ["allows none", [{ name: "a", minCount: 2 }, { name: "b", minCount: 0 }], []],
    [
      "compares what all share",
      [{ name: "a", minCount: 2, sharedTag: "x" }],
      ['a: x is absent, not "1"'],
    ],
    ["shows the closest", [{ name: "a", minCount: 2, tags: { x: "1" } }], [
      'a: x is absent, not "1"',
    ]],
    ["names what must be absent", { spans: [], absent: [{ tags: { x: "1" } }] }, ["a: unexpected"]],
    ["does not call absent what is described", { spans: [pair[0]?.name ?? ""], absent: ["a"] }, []],
    ["holds a list to its order", {
      spans: ["a", { name: "a", tags: { x: "1" } }],
      isInOrder: true,
    }, ['a: x is absent, not "1"']],
  ] as const satisfies readonly (readonly [string, ExpectedTrace | ExpectedSpans, unknown])[]
) {
  Deno.test(`compareTrace() ${what}`, () => deepEqual(problems(pair, description), expected));
}

const EMAIL: ExpectedTrace = {
  spans: [{
    name: "schedule-email",
    children: [
      {
        name: "amqp-publish",
        kind: "PRODUCER",
        children: [{ name: "emailer", children: ["send-email", "archive-email"] }],
      },
      { name: "amqp-publish", kind: "CONSUMER" },
    ],
  }],
  isInOrder: true,
  isWhole: true,
};

Deno.test("compareTrace() compares the tree, the order and the parents of a whole trace", () => {
  deepEqual(problems(EMAIL_TRACE.toReversed(), EMAIL), []);
  deepEqual(problems(EMAIL_TRACE, { ...EMAIL, spans: ["schedule-email"] }), [
    "amqp-publish: unexpected",
    "amqp-publish: unexpected",
    "emailer: unexpected",
    "send-email: unexpected",
    "archive-email: unexpected",
  ]);
  const late = EMAIL_TRACE.map((span) =>
    span.name === "send-email" ? { ...span, timestamp: Number.MAX_SAFE_INTEGER - 1 } : span
  );
  deepEqual(problems(late, EMAIL), ["archive-email: it begins before send-email"]);
  const orphaned = EMAIL_TRACE.filter(({ name }) => name !== "emailer");
  const connected = { spans: ["archive-email"], isConnected: true };
  deepEqual(problems(orphaned, connected), [
    "send-email: its parent 723c26e07dae71c3 is not here",
    "archive-email: its parent 723c26e07dae71c3 is not here",
  ]);
  deepEqual(
    problems([span("1.2", "a")], { spans: [{ name: "a", parentId: "1" }], isWhole: true }),
    [],
  );
});

Deno.test("compareTrace() looks at each span no more often when many of its kind are expected", () => {
  const tags = { code: "250" };
  const spans = Array.from({ length: 100 }, (_, index) => span(`${index}`, "a", { tags }));
  const lookCount = (minCount: number) => {
    let count = 0;
    const code = Object.assign(/250/, { [Symbol.search]: () => ++count });
    compareTrace(spans, [{ name: "a", minCount, tags: { code } }]);
    return count;
  };
  equal(lookCount(100) <= lookCount(1), true);
});

Deno.test("assertTrace() draws the expected trace beside the one that is there", () => {
  const spans = [...EMAIL_TRACE, ...POLL_TRACE.slice(0, 2)]
    .filter(({ name }) => name !== "send-email")
    .map((span) => span.name === "emailer" ? { ...span, tags: { error: "451\x1b[31m" } } : span);
  throws(() => assertTrace(spans, EMAIL), {
    name: "AssertionError",
    message: `\
The trace is not as described (- missing, + unexpected, ≠ different):

  expected                there
  schedule-email          schedule-email  message-server  SERVER  12.3 ms
  ├─ amqp-publish         ├─ amqp-publish  message-server  PRODUCER  6 ms
≠ │  └─ emailer           │  └─ emailer  emailer  SERVER  297 ms  ✗
                          │        error is "451\\u001b[31m", not absent
  │     ├─ archive-email  │     ├─ archive-email  mail-poller  1010 ms
- │     └─ send-email
  └─ amqp-publish         └─ amqp-publish  rabbitmq  CONSUMER  99 ms
+                         poll-email  mail-poller  240 ms
+                         └─ fetch-inbox  mail-poller  CLIENT  60 ms
`,
  });
});

Deno.test("assertTrace() survives cycles and long chains of parents, and draws only the described spans of a long trace", () => {
  const cycle = [span("1", "a", { parentId: "2" }), span("2", "b", { parentId: "1" })];
  throws(() => assertTrace(cycle, ["c"]), /^- c\n +a .*\n +└─ b /m);
  const chain = Array.from(
    { length: 20_000 },
    (_, index) => span(`${index}`, "a", { parentId: `${index - 1}` }),
  );
  throws(() => assertTrace(chain, ["b"]), /^- b$/m);
  const long = Array.from({ length: 1_000 }, (_, index) => span(`1.${index}`, "a"));
  throws(
    () => assertTrace([span("1", "r"), ...long], ["r", "b"]),
    ({ message }: Error) => message.split("\n").length === 6,
  );
});
