import { deepEqual, equal } from "node:assert/strict";
import { answerOf, jsonAnswer } from "../testing/answers.ts";
import { readListAnswer } from "./list_answer.ts";

/** One message of Mailtrap's list, shortened. */
const LISTED = {
  id: 7,
  sandbox_id: 12,
  subject: "Subject",
  email_size: 123,
  is_read: false,
  created_at: "2026-11-24T12:00:00.123Z",
  blacklists_report_info: false,
};
const READ = {
  id: 7,
  receivedAt: new Date("2026-11-24T12:00:00.123Z"),
  sizeBytes: 123,
  subject: "Subject",
};

Deno.test.each([
  ["HTML with 200", answerOf("<html>"), ""],
  ["no list", answerOf('{"messages":[]}'), ""],
  ["a list that is cut off", answerOf('[{"id":7'), ""],
  ["nothing", answerOf(""), ""],
  ["a list with the status 201", jsonAnswer([], { status: 201 }), ": its status is 201"],
  ["a list with the status 206", jsonAnswer([], { status: 206 }), ": its status is 206"],
  ["more than 5 MB", answerOf(" ".repeat(5_000_001)), ": it has more than 5000000 bytes"],
  ["many items", answerOf("[" + "{},".repeat(200_000)), ": it has more than 100000 values"],
  ["much depth", answerOf("[".repeat(200_000)), ": it has more than 100000 values"],
])("readListAnswer() refuses %s", async (_what, answer, why) => {
  deepEqual(await readListAnswer(answer), {
    outcome: "refused",
    reason: `Mailtrap's answer is not a list of messages${why}`,
  });
});

Deno.test.each([
  ["without an id", { ...LISTED, id: undefined }, "id"],
  ["with an id that is text", { ...LISTED, id: "8" }, "id"],
  ["with an id that is no number of a message", { ...LISTED, id: -8 }, "id"],
  ["with an id beyond whole numbers", { ...LISTED, id: 1e300 }, "id"],
  ["without a time", { ...LISTED, created_at: undefined }, "created_at"],
  ["with a time that is none", { ...LISTED, created_at: "noon" }, "created_at"],
  [
    "with a time that has no usual form",
    { ...LISTED, created_at: "+010000-01-01T00:00:00Z" },
    "created_at",
  ],
  ["with null for a time", { ...LISTED, created_at: null }, "created_at"],
  ["that is null", null, "id"],
  ["that is a list", [], "id"],
])("readListAnswer() shows the other messages beside an item %s", async (_what, item, member) => {
  deepEqual(await readListAnswer(jsonAnswer([item, LISTED])), {
    outcome: "ok",
    value: {
      messages: [READ],
      oldestId: 7,
      problem:
        `Mailtrap's list has items that are not messages (1): item 1 has no usable ${member}`,
    },
  });
});

Deno.test("readListAnswer() says in one sentence how many items are not messages", async () => {
  const items = [LISTED, ...Array(90_000).fill(null)];
  const { value } = { value: undefined, ...await readListAnswer(jsonAnswer(items)) };
  equal(
    value?.problem,
    "Mailtrap's list has items that are not messages (90000): item 2 has no usable id",
  );
});

Deno.test.each([null, undefined, "large", -1])(
  "readListAnswer() takes a message of size %s",
  async (email_size) => {
    deepEqual(await readListAnswer(jsonAnswer([{ ...LISTED, email_size }])), {
      outcome: "ok",
      value: { messages: [{ ...READ, sizeBytes: undefined }], oldestId: 7, problem: undefined },
    });
  },
);

Deno.test.each([null, undefined, 7, {}])(
  "readListAnswer() takes a message with the subject %j",
  async (subject) => {
    deepEqual(await readListAnswer(jsonAnswer([{ ...LISTED, subject }])), {
      outcome: "ok",
      value: { messages: [{ ...READ, subject: undefined }], oldestId: 7, problem: undefined },
    });
  },
);

Deno.test.each([
  ["of an item that is no message", [LISTED, { id: 5, created_at: null }], 5],
  ["beside items without one", [LISTED, null, { id: "5" }], 7],
  ["where no item has one", [{ id: null }], Infinity],
  ["of an empty page", [], Infinity],
])("readListAnswer() says the lowest id %s", async (_what, items, expected) => {
  const page = await readListAnswer(jsonAnswer(items));
  equal(page.outcome === "ok" && page.value.oldestId, expected);
});

Deno.test("readListAnswer() counts no values within a text", async () => {
  const subject = '\\",[{'.repeat(60_000);
  const { outcome } = await readListAnswer(jsonAnswer([{ ...LISTED, subject }]));
  equal(outcome, "ok");
});
