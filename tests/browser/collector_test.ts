import { equal } from "node:assert/strict";
import type { Page } from "playwright-core";
import { sendEmail, sendUntil, showTrace, untilState } from "./testing/page_parts.ts";
import { clearFaults, setFault } from "./testing/dev_system.ts";
import { setStage } from "./testing/stage.ts";

const test = setStage();

const untilLive = (page: Page) => page.locator("#collector", { hasText: "Live" }).waitFor();

test("page says that the collector is away, sends all the same, and goes on when it is back", async ({ page, system }) => {
  await untilLive(page);
  await sendUntil(page, "Archived");
  await setFault(system, "zipkin.reply", "503");
  await page.locator("#collector", { hasText: "No collector" }).waitFor();
  await page.locator("#notice", { hasText: "Emails travel all the same" }).waitFor();
  await page.locator(".facts", { hasText: /as of \d/ }).waitFor();

  // A page that is opened now has no state to show.
  await page.reload();
  await page.locator("#collector", { hasText: "No collector" }).waitFor();
  await untilState(page, "Looking for the trace");
  equal(await page.locator("#emails-none").isVisible(), false);
  await sendEmail(page);
  await page.locator("#compose-status", { hasText: /Accepted \(202\): email [0-9a-f-]{36}/ })
    .waitFor();
  await untilState(page, "Accepted");
  equal(await page.locator(".row").count(), 0);
  await page.locator("#emails li", { hasText: "Accepted" }).first().waitFor();

  await clearFaults(system);
  await page.locator("#collector", { hasText: "Live" }).waitFor({ timeout: 40_000 });
  equal(await page.locator("#notice").isVisible(), false);
  await untilState(page, "Archived");
});

test("page says that the collector does not know a trace", async ({ page }) => {
  await showTrace(page, `${"0".repeat(31)}2`);
  await untilState(page, "Looking for the trace");
  await untilState(page, "Unknown trace");
  await page.locator("#state-explanation", { hasText: "The collector does not know it" }).waitFor();
  await page.locator("#announcement", { hasText: "Unknown trace" }).waitFor({ state: "attached" });
  await sendUntil(page, "Archived");
});

test("page connects again when the stream of events ends", async ({ page }) => {
  await untilLive(page);
  await page.route("**/api/events*", (route) => route.abort());
  // Another address means another stream.
  await showTrace(page, `${"0".repeat(31)}1`);
  await page.locator("#collector", { hasText: "Not connected" }).waitFor();
  await page.locator("#notice", { hasText: "cannot be reached" }).waitFor();
  await page.unroute("**/api/events*");
  await untilLive(page);
  equal(await page.locator("#notice").isVisible(), false);
}, { expected: /net::ERR_/ });

test("page shows a view as soon as the server has its script", async ({ page }) => {
  await page.route("**/page/explore.js", (route) => route.abort());
  const failed = page.waitForEvent("requestfailed");
  await page.getByRole("link", { name: "Explore" }).click();
  await failed;
  await page.unroute("**/page/explore.js");
  await page.locator("#scatter").waitFor();
}, { expected: /net::ERR_FAILED/ });

/** One more than a browser has connections to a host. */
const TAB_COUNT = 7;

/** Hides or shows a tab. A headless browser treats each tab as visible, so the events are simulated. */
async function setHidden(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate((isHidden) => {
    const visibilityState = isHidden ? "hidden" : "visible";
    Object.defineProperty(document, "hidden", { configurable: true, value: isHidden });
    Object.defineProperty(document, "visibilityState", {
      configurable: true,
      value: visibilityState,
    });
    document.dispatchEvent(new Event("visibilitychange"));
  }, isHidden);
}

test("page works in more tabs than a browser has connections to a host", async ({ page }) => {
  await untilLive(page);
  let tab = page;
  for (let count = 1; count < TAB_COUNT; count++) {
    await setHidden(tab, true);
    tab = await page.context().newPage();
    await tab.goto(page.url());
    await untilLive(tab);
  }
  await sendUntil(tab, "Archived", { "recipient-address": "bob@tab.example" });

  // The first tab shows what happened meanwhile as soon as it is visible.
  await setHidden(tab, true);
  await setHidden(page, false);
  await page.locator("#emails li", { hasText: "tab.example" }).getByText("Archived").waitFor();
  await sendUntil(page, "Archived");
});
