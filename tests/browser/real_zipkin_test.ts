import { equal, match, ok } from "node:assert/strict";
import { sendEmail, untilState } from "./testing/page_parts.ts";
import { setStage } from "./testing/stage.ts";

const isAllowed = Deno.permissions.querySync({ name: "env" }).state === "granted";
const ZIPKIN_URL = isAllowed ? Deno.env.get("TEST_ZIPKIN_URL") : undefined;
const NAME = "page draws and explains an email that a real Zipkin knows";

if (ZIPKIN_URL === undefined) {
  Deno.test({ name: `${NAME} (set TEST_ZIPKIN_URL to run it)`, ignore: true, fn() {} });
} else {
  const { test } = setStage({ ZIPKIN_URL });

  test(NAME, async (page) => {
    await sendEmail(page, { "recipient-address": "bounce+451+try+later@example.com" });
    await untilState(page, "Waits 5 s");
    await page.locator(".remark.says", { hasText: /^451 try later$/ }).waitFor();
    await page.locator(".remark.says", { hasText: /^451 again$/ }).waitFor();
    await page.locator(".cut-label", { hasText: "≈ 1 s" }).waitFor();

    await sendEmail(page, { "recipient-address": "bob@example.com" });
    await untilState(page, "Archived");
    const rows = page.locator(".row");
    await rows.filter({ hasText: "delete-message" }).waitFor();
    equal(await page.locator(".crossing").count(), 1);
    match(
      await rows.filter({ hasText: "archive-email" }).innerText(),
      /waits .* for the next poll/,
    );
    ok(await page.locator(".row .critical").count() > 5);
    ok(await page.locator(".row .log").count() > 1, "log records are annotations in Zipkin");

    await rows.filter({ hasText: "send-email" }).click();
    const details = page.locator("#span-details");
    match(await details.locator(".tags").innerText(), /smtp\.reply_code[\s\S]*4xx: not now/);
    await page.keyboard.press("Escape");
    match(
      await page.locator("#time-spent").innerText(),
      /Where [\d.]+ m?s went[\s\S]*Emailer works/,
    );
  });
}
