import { equal } from "node:assert/strict";
import { isAccessible } from "./testing/looks.ts";
import { sendUntil, untilState } from "./testing/page_parts.ts";
import { setStage } from "./testing/stage.ts";

const test = setStage();

test("page says without JavaScript what does the same", async ({ page }) => {
  await page.locator(".notice").waitFor();
  equal(
    (await page.locator("body").innerText()).trim(),
    "This page needs JavaScript. deno task send-email does the same in a terminal.",
  );
}, { context: { javaScriptEnabled: false } });

test("the pages of page, collector and inbox lead to one another, in one design", async ({ page, browser }) => {
  await sendUntil(page, "Archived");
  // The stand-ins' pages have other origins, which the page of a test must not request.
  await using context = await browser.newContext();
  const other = await context.newPage();
  await other.goto(page.url());
  await untilState(other, "Archived");
  const name = () => other.locator('nav[aria-label="Pages"] [aria-current="page"]').innerText();
  const grounds = new Set<string>();
  for (const to of ["Zipkin", "Inbox", "Journey", "Inbox", "Zipkin"]) {
    await other.locator('nav[aria-label="Pages"]').getByRole("link", { name: to }).click();
    await other.locator(`nav [aria-current="page"]`, { hasText: to }).waitFor();
    equal(await name(), to);
    grounds.add(await other.evaluate(() => getComputedStyle(document.body).backgroundColor));
  }
  equal(grounds.size, 1);
  await other.getByRole("link", { name: "schedule-email" }).first().click();
  await isAccessible(other, [375, 1280, 1920]);
  await other.getByRole("link", { name: "As a journey" }).click();
  await untilState(other, "Archived");
});

test("page works in a browser that keeps nothing", async ({ page }) => {
  await page.addInitScript(() => {
    const get = () => {
      throw new DOMException("Access is denied for this document", "SecurityError");
    };
    for (const name of ["localStorage", "sessionStorage"]) {
      Object.defineProperty(globalThis, name, { get });
    }
  });
  await page.reload();
  await sendUntil(page, "Archived");
  await page.getByRole("button", { name: "Light or dark" }).click();
  await page.locator("html[data-theme]").waitFor();
});

test("page works where storage is full, and another program at its address kept something", async ({ page }) => {
  await page.evaluate(() => localStorage.setItem("lessons-done", "{"));
  await page.addInitScript(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException("The quota has been exceeded", "QuotaExceededError");
    };
  });
  await page.reload();
  await page.getByRole("button", { name: "Light or dark" }).click();
  await page.locator("html[data-theme]").waitFor();
});

test("page keeps the chosen colours", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await page.getByRole("button", { name: "Light or dark" }).click();
  await page.locator('html[data-theme="dark"]').waitFor();
  await page.reload();
  await page.locator('html[data-theme="dark"]').waitFor();
  await page.getByRole("button", { name: "Light or dark" }).click();
  await page.locator('html[data-theme="light"]').waitFor();
});
