import { deepEqual, equal, ok } from "node:assert/strict";
import type { Page } from "playwright-core";
import { fits, isAccessible } from "./testing/looks.ts";
import { addressOf, rowsOf, sendOneThat, untilState } from "./testing/page_parts.ts";
import { setStage } from "./testing/stage.ts";

const test = setStage();

const scenarios = (page: Page) => page.getByRole("group", { name: "Scenarios" });

test("page shows an audience no form and no list, in large type", async ({ page }) => {
  const sizeOf = () =>
    page.locator("#state-title").evaluate((title) => parseFloat(getComputedStyle(title).fontSize));
  equal(await page.locator("#compose, #emails").count(), 0);
  equal(await page.getByRole("heading", { level: 1 }).count(), 1);
  const size = await sizeOf();
  await page.getByRole("button", { name: "Leave" }).click();
  await page.locator("#compose").waitFor();
  await page.locator("#journey:focus").waitFor();
  equal((await addressOf(page)).search, "");
  ok(size > 1.5 * await sizeOf());
  await page.keyboard.press("p");
  await scenarios(page).waitFor();
  equal((await addressOf(page)).search, "?present");
}, { path: "/?present" });

test("page presents the email that was shown before Explore", async ({ page }) => {
  await sendOneThat(page, "is refused", "Dead letter");
  const { hash } = await addressOf(page);
  await page.getByRole("link", { name: "Explore" }).click();
  await page.locator("#scatter").waitFor();
  await page.keyboard.press("p");
  await untilState(page, "Dead letter");
  const { search, hash: shown } = await addressOf(page);
  deepEqual([search, shown], ["?present", hash]);
});

test("page offers an audience scenarios in plain words, on keys", async ({ page }) => {
  await scenarios(page).getByText("Mend everything").waitFor();
  const names = await scenarios(page).getByRole("button").allTextContents();
  deepEqual(names.map((name) => name.trim().replaceAll(/\s+/g, " ")), [
    "It arrives 1",
    "Mailtrap says: try later 2",
    "Mailtrap says: no such user 3",
    "The database is down 4",
    "Mend everything 5",
  ]);
  await page.keyboard.press("2");
  await untilState(page, "Waits (?:5|30) s before attempt");
  await rowsOf(page, "emailer").filter({ hasText: "451" }).first().waitFor();
  equal(await rowsOf(page, "send-email").count(), 0, "one row per attempt");
  await page.keyboard.press("5");
  await page.keyboard.press("3");
  await untilState(page, "Dead letter");
  await page.keyboard.press("5");
  await page.keyboard.press("4");
  await untilState(page, "Delivered, not archived");
  await page.locator("#state-explanation", { hasText: "MongoDB did not take it" }).waitFor();
  await page.keyboard.press("5");
  await untilState(page, "Archived");
  await page.keyboard.press("1");
  await untilState(page, "Archived");
}, { path: "/?present" });

test("page fits an audience's screen and a phone, and is accessible", async ({ page }) => {
  await untilState(page, "Archived");
  await fits(page);
  // A phone, and a laptop's screen at 200 %.
  for (const [width, height] of [[375, 667], [640, 360]] as const) {
    await page.setViewportSize({ width, height });
    const { y = 0 } = await scenarios(page).boundingBox() ?? {};
    ok(y > 0.7 * height, "the scenarios do not hide the journey");
  }
  await isAccessible(page, [1920, 375]);
}, { path: "/?present", context: { reducedMotion: "reduce" } });

test("page lists its keys, and takes none of them from a field", async ({ page }) => {
  await page.keyboard.press("?");
  const dialog = page.getByRole("dialog", { name: "Keys" });
  await dialog.getByText("Presenter").waitFor();
  await isAccessible(page);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });

  await page.keyboard.press("/");
  await page.locator("#search:focus").waitFor();
  await page.keyboard.type("p?e 5");
  equal(await page.locator("#search").inputValue(), "p?e 5");
  equal(await page.locator("#compose").count(), 1);
  equal(await dialog.count(), 0);

  await page.locator("#search").fill("");
  await page.keyboard.press("Escape");
  const list = page.locator("aside.recent");
  await list.and(page.locator(".rail")).waitFor();
  await page.keyboard.press("e");
  await list.and(page.locator(":not(.rail)")).waitFor();
  await page.keyboard.press("Escape");
  await list.and(page.locator(".rail")).waitFor();
});
