import { doesNotMatch, equal, match } from "node:assert/strict";
import fc from "fast-check";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import {
  EMAIL_TRACE,
  EXAMPLE_START_US,
  POLL_TRACE,
  SKEWED_TRACE,
} from "@playground/shared/testing";
import { drawWaterfall } from "./waterfall.ts";
import { columnsOf } from "./text.ts";

const PLAIN = { columns: 80, colour: false } as const;

function changed(name: string, change: Partial<ZipkinSpan>): readonly ZipkinSpan[] {
  return EMAIL_TRACE.map((span) => span.name === name ? { ...span, ...change } : span);
}

Deno.test("drawWaterfall() draws the two traces of an email on one time axis", () => {
  equal(drawWaterfall([], PLAIN), "");
  equal(
    drawWaterfall([...POLL_TRACE, ...EMAIL_TRACE], PLAIN),
    `\
                                        0 ───────────────≈──── 1.44 s
schedule-email          message-server  █                                12 ms
└─ amqp-publish         message-server  ▏░░░                             99 ms
   └─ emailer           emailer             █▬▬▬▬▬▬▬▬▬▬▬▬▏              297 ms
      ├─ send-email     emailer              ████████████               280 ms
      └─ archive-email  mail-poller                      ░░▬▬▬▬▬▬▬▬     1.01 s
poll-email              mail-poller                        ▏▬▏▬▬▬▏▬▏▏   240 ms
├─ fetch-inbox          mail-poller                        ██            60 ms
├─ fetch-message        mail-poller                          ████        75 ms
├─ store-message        mail-poller                              ██      50 ms
└─ delete-message       mail-poller                                ▓▓    38 ms
█ works itself   ▓ off critical path   ▬ a child works   ░ waiting   ≈ left out
1.44 s: 810 ms waits for the next poll, 287 ms emailer works, 200 ms mail-poller
works, 93 ms waits in the queue, 10 ms message-server works
`,
  );
});

Deno.test("drawWaterfall() puts the reason below a failed row, and leads with dots where nothing was under way", () => {
  const error =
    "550 5.1.1 <…@example.com>: Recipient address rejected: User unknown in virtual table";
  const failed = changed("send-email", { tags: { error } });
  equal(
    drawWaterfall([...failed.slice(0, 5), ...POLL_TRACE.slice(0, 2)], PLAIN),
    `\
                                     0 ─────────────────≈───── 1.44 s
schedule-email       message-server  █                                   12 ms
└─ amqp-publish      message-server  ▏░░░░                               99 ms
   └─ emailer        emailer              ▏▬▬▬▬▬▬▬▬▬▬▬▬█                297 ms
      └─ send-email  emailer              █████████████                 280 ms ✗
            ✗ 550 5.1.1 <…@example.com>: Recipient address rejected: User
              unknown in virtual table
poll-email           mail-poller                        ┈┈▏▬▬████████   240 ms
└─ fetch-inbox       mail-poller                          ███            60 ms
█ works itself   ▬ a child works   ░ waiting   ┈ nothing recorded   ≈ left out
1.44 s: 800 ms nothing recorded, 297 ms emailer works, 240 ms mail-poller works,
93 ms waits in the queue, 10 ms message-server works
`,
  );
});

Deno.test("drawWaterfall() says how long each time is that it leaves out", () => {
  const [request] = EMAIL_TRACE;
  const spans = [0, 1, 6, 36, 156].map((seconds, index) => ({
    ...request,
    traceId: "a",
    id: String(index),
    timestamp: EXAMPLE_START_US + seconds * 1_000_000,
  }));
  match(
    drawWaterfall(spans, { ...PLAIN, columns: 120 }),
    /^ +0 ─+≈─+≈5 s─+≈30 s─+≈2 min─+ 2m 36s\n/,
  );
});

Deno.test("drawWaterfall() draws what has arrived of a trace, and explains why a parent is missing", () => {
  const { duration: _unfinished, ...emailer } = EMAIL_TRACE[3] ?? { traceId: "", id: "" };
  equal(
    drawWaterfall([...EMAIL_TRACE.slice(1, 2), emailer], {
      ...PLAIN,
      nowUs: EXAMPLE_START_US + 1_000_000,
    }),
    `\
                              0 ─────────────────────────────── 99 ms
amqp-publish  message-server  ██████████████████████████████████████    6.0 ms
│  → The parent of amqp-publish, schedule-email, is not here yet: a span is
│    reported when it has ended
└─ emailer    emailer                                               ▏        …
█ works itself   ≈ left out
`,
  );
});

Deno.test("drawWaterfall() colours what it draws only when asked to", () => {
  const failed = changed("send-email", { tags: { error: "timeout" } });
  const escape = "\x1b";
  const coloured = drawWaterfall(failed, { columns: 80, colour: true });
  const plain = drawWaterfall(failed, PLAIN);
  equal(plain.includes(escape), false);
  match(coloured, RegExp(`${escape}\\[31m✗ timeout${escape}\\[0m`));
  equal(coloured.replaceAll(RegExp(`${escape}\\[[0-9;]+m`, "g"), ""), plain);
});

Deno.test("drawWaterfall() fills no line beyond the terminal, whatever the spans are", () => {
  const id = fc.nat(5).map(String);
  const time = fc.integer({ min: 1, max: 2 ** 50 });
  const name = fc.constantFrom("你".repeat(60), "a".repeat(200), "📬 poll", "x\x1b[2Jy");
  const span: fc.Arbitrary<ZipkinSpan> = fc.record({
    traceId: fc.constant("a"),
    id,
    parentId: id,
    timestamp: time,
    duration: time,
    name,
    localEndpoint: fc.record({ serviceName: name }),
    tags: fc.record({ error: name }),
  }, { requiredKeys: ["traceId", "id"] });
  fc.assert(fc.property(fc.array(span), fc.integer({ min: 60, max: 200 }), (spans, columns) => {
    const picture = drawWaterfall(spans, { columns, colour: false });
    equal(picture.includes("\x1b"), false);
    for (const line of picture.split("\n")) equal(columnsOf(line) <= columns, true, line);
  }));
});

Deno.test("drawWaterfall() keeps the name of a span deep in the tree readable", () => {
  const spans = Array.from({ length: 40 }, (_, index): ZipkinSpan => ({
    traceId: "a",
    id: String(index),
    name: `level-${index}`,
    ...(index === 0 ? {} : { parentId: String(index - 1) }),
    timestamp: EXAMPLE_START_US + index,
    duration: 1,
  }));
  for (const [index, line] of drawWaterfall(spans, PLAIN).split("\n").slice(1, 41).entries()) {
    match(line, RegExp(`level-${index} `));
  }
});

Deno.test("drawWaterfall() writes a remark below its row, wrapped, printable and below the error", () => {
  const spans = changed("send-email", { tags: { error: "451" } });
  const text = drawWaterfall(spans, {
    ...PLAIN,
    remarksOn: ({ name }) =>
      name === "send-email" ? [`one\x1b[31m\ntwo ${"word ".repeat(20)}`] : [],
  });
  match(text, /send-email .*\n.*✗ 451\n.*→ one \[31m two word.*\n +[│ ]+ +word/);
  equal(text.split("\n").every((line) => columnsOf(line) <= PLAIN.columns), true);
  equal(text.match(/→/g)?.length, 1);
});

Deno.test("drawWaterfall() writes below a row what was logged in it, when asked to", () => {
  const spans = changed("send-email", {
    annotations: [{ timestamp: EXAMPLE_START_US + 110_000, value: "INFO Sent\u001b[2J it" }],
  });
  match(
    drawWaterfall(spans, { ...PLAIN, logs: true }),
    /send-email .*\n[ │└├─]*· +110 ms INFO Sent \[2J it\n/,
  );
  doesNotMatch(drawWaterfall(spans, PLAIN), /Sent/);
});

Deno.test("drawWaterfall() says below a row whose clock was corrected", () => {
  const text = drawWaterfall(SKEWED_TRACE, PLAIN);
  equal(text.match(/→ the clock of back is 500 ms behind; corrected here/g)?.length, 2);
  match(text, /^get .* 100 ms$/m);
});

Deno.test("drawWaterfall() draws a time above the rows, however long it lasts", () => {
  const fromUs = EXAMPLE_START_US - 100_000;
  const period = { label: "collector away", fromUs, toUs: fromUs + 5_000_000 };
  const [axis, row] = drawWaterfall(EMAIL_TRACE, { ...PLAIN, period }).split("\n");
  match(axis ?? "", / 4\.90 s$/);
  match(row ?? "", /^collector away +×{20,} +5\.00 s$/);
});
