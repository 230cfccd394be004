import { deepEqual, equal, match, ok } from "node:assert/strict";
import { fits, isAccessible } from "./testing/looks.ts";
import {
  addressOf,
  says,
  sendOneThat,
  sendUntil,
  untilRows,
  untilState,
} from "./testing/page_parts.ts";
import { setStage } from "./testing/stage.ts";

const test = setStage();

test("page compares an email with a healthy one at a click, or any other", async ({ page }) => {
  await sendOneThat(page, "is refused", "Dead letter");
  const left = (await addressOf(page)).href;
  await page.click("#compare-button");
  await page.getByRole("alert").filter({ hasText: "there is no healthy email" }).waitFor();

  await page.evaluate(() => location.hash = "");
  await sendUntil(page, "Archived", { "recipient-address": "bob@example.com" });
  // The spans of the poll arrive when it is over.
  await untilRows(page, "poll-email", "delete-message");
  const healthy = (await addressOf(page)).href;
  await page.goto(left);
  await page.reload();
  await untilState(page, "Dead letter");
  await page.click("#compare-button");
  await says(
    page.locator("#compare-summary"),
    /^[\d.]+ m?s, [\d.]+ m?s in the other.* Spans: .*6 missing/,
  );
  await says(page.locator(".compared-traces"), /Dead letter[\s\S]*Archived/);
  await says(
    page.locator("#differences"),
    /^\S+: (?:missing; .* in the other|.* in the other; .*)$/m,
  );
  const missing = page.locator(".compared[data-status=missing]");
  await missing.nth(5).waitFor();
  deepEqual(await missing.locator(".title").allInnerTexts(), [
    "archive-email",
    "poll-email",
    "fetch-inbox",
    "fetch-message",
    "store-message",
    "delete-message",
  ]);
  await says(page.locator("#shares"), /waits for the next poll/);
  const send = page.locator(".compared", { hasText: "send-email" });
  equal(await send.locator(".track .bar").count(), 2, "both are drawn, one above the other");
  const [one, other] = await send.locator(".track").all();
  ok(((await one?.boundingBox())?.y ?? NaN) < ((await other?.boundingBox())?.y ?? NaN));

  // In the other direction, from pasted ids.
  await page.fill("input[name=left]", healthy);
  await page.fill("input[name=right]", left);
  await page.getByRole("button", { name: "Compare" }).click();
  await page.locator("#compare-summary", { hasText: "6 new" }).waitFor();
  const added = page.locator(".compared[data-status=new]");
  await added.nth(5).waitFor();
  equal(await added.count(), 6);
  const hash = (await addressOf(page)).hash;
  match(hash, /^#view=compare&left=[0-9a-f]+&leftEmail=[0-9a-f-]+&right=/);
  await page.goBack();
  await page.locator("#compare-summary", { hasText: "6 missing" }).waitFor();
  await page.goForward();
  await page.locator("#compare-summary", { hasText: "6 new" }).waitFor();

  await isAccessible(page);
  await fits(page);
  await page.locator(".compared-traces a").first().click();
  await untilState(page, "Archived");
}, { expected: /status of 404/ });

test("page asks for two traces, and says which one it does not know", async ({ page }) => {
  await page.evaluate(() => location.hash = "#view=compare");
  await page.fill("input[name=left]", "463ac35c9f6413ad48485a3978bb5ecc");
  await page.fill("input[name=right]", "not a trace");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").filter({ hasText: "Give trace ids" }).waitFor();
  equal((await addressOf(page)).hash, "#view=compare");
  await page.fill("input[name=right]", "463ac35c9f6413ad48485a3978bb5ecd");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").filter({ hasText: "does not know the left one" }).waitFor();
  // The same again: the collector may know it by now.
  await Promise.all([
    page.waitForRequest(/\/api\/compare/),
    page.getByRole("button", { name: "Compare" }).click(),
  ]);
  equal(await page.locator("#compared").count(), 0);
}, { expected: /status of 404/ });
