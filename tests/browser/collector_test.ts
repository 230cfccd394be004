import { equal } from "node:assert/strict";
import { sendEmail, untilState } from "./testing/page_parts.ts";
import { clearFaults, setFault } from "./testing/dev_system.ts";
import { setStage } from "./testing/stage.ts";

const { test } = setStage();

test(
  "page says that the collector is away, sends all the same, and goes on when it is back",
  async (page, system) => {
    await page.locator("#collector", { hasText: "Live" }).waitFor();
    await sendEmail(page);
    await untilState(page, "Archived");
    await setFault(system, "zipkin.reply", "503");
    await page.locator("#collector", { hasText: "No collector" }).waitFor();
    await page.locator("#notice", { hasText: "Emails travel all the same" }).waitFor();
    await page.locator(".facts", { hasText: /as of \d/ }).waitFor();

    await sendEmail(page);
    await page.locator("#compose-status", { hasText: /Accepted \(202\): email [0-9a-f-]{36}/ })
      .waitFor();
    await untilState(page, "Accepted");
    await page.locator("#emails li", { hasText: "Accepted" }).first().waitFor();

    await clearFaults(system);
    await page.locator("#collector", { hasText: "Live" }).waitFor({ timeout: 40_000 });
    equal(await page.locator("#notice").isVisible(), false);
    await untilState(page, "Archived");
  },
);

test("page says that the collector does not know a trace", async (page) => {
  await page.evaluate(() => {
    location.hash = `trace=${"0".repeat(31)}2`;
  });
  await untilState(page, "Looking for the trace");
  await untilState(page, "Unknown trace");
  await page.locator("#state-explanation", { hasText: "The collector does not know it" }).waitFor();
  await page.locator("#announcement", { hasText: "Unknown trace" }).waitFor({ state: "attached" });
  await sendEmail(page);
  await untilState(page, "Archived");
});

test("page connects again when the stream of events ends", async (page) => {
  await page.locator("#collector", { hasText: "Live" }).waitFor();
  await page.route("**/api/events*", (route) => route.abort());
  // Another address means another stream.
  await page.evaluate(() => {
    location.hash = `trace=${"0".repeat(31)}1`;
  });
  await page.locator("#collector", { hasText: "Not connected" }).waitFor();
  await page.locator("#notice", { hasText: "cannot be reached" }).waitFor();
  await page.unroute("**/api/events*");
  await page.locator("#collector", { hasText: "Live" }).waitFor();
  equal(await page.locator("#notice").isVisible(), false);
}, { isCutOff: true });
