import { equal } from "node:assert/strict";
import { sendEmail, untilState } from "./testing/page_parts.ts";
import { setStage } from "./testing/stage.ts";

// The discard port: nothing listens there.
const { test } = setStage({ ZIPKIN_URL: "http://127.0.0.1:9" });

test("page works without Zipkin: it says so and sends", async (page) => {
  await page.locator("#collector", { hasText: "No collector" }).waitFor();
  await page.locator("#notice", { hasText: "Emails travel all the same" }).waitFor();
  equal(await page.locator("#emails-none").isVisible(), false);
  await page.evaluate(() => {
    location.hash = `trace=${"0".repeat(31)}2`;
  });
  await untilState(page, "Looking for the trace");
  await sendEmail(page);
  await page.locator("#compose-status", { hasText: /Accepted \(202\): email [0-9a-f-]{36}/ })
    .waitFor();
  await untilState(page, "Accepted");
  equal(await page.locator(".row").count(), 0);
});
