import type { Page } from "playwright-core";
import { sendEmail, untilState } from "./testing/page_parts.ts";
import { setStage } from "./testing/stage.ts";

const { test } = setStage();

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

const untilLive = (page: Page) => page.locator("#collector", { hasText: "Live" }).waitFor();

test("page works in more tabs than a browser has connections to a host", async (page) => {
  await untilLive(page);
  let tab = page;
  for (let count = 1; count < TAB_COUNT; count++) {
    await setHidden(tab, true);
    tab = await page.context().newPage();
    await tab.goto(page.url());
    await untilLive(tab);
  }
  await sendEmail(tab);
  await untilState(tab, "Archived");

  // What happened meanwhile is there as soon as the first tab is looked at.
  await setHidden(tab, true);
  await setHidden(page, false);
  await page.locator("#emails li", { hasText: "Archived" }).waitFor();
  await sendEmail(page);
  await untilState(page, "Archived");
});
