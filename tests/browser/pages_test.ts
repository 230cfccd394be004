import { equal, ok } from "node:assert/strict";
import type { Page } from "playwright-core";
import { isAccessible } from "./testing/looks.ts";
import { sendEmail, untilState } from "./testing/page_parts.ts";
import { setStage } from "./testing/stage.ts";

const { test } = setStage();

test("page says without JavaScript what does the same", async (page) => {
  await page.locator(".notice").waitFor();
  equal(
    (await page.locator("body").innerText()).trim(),
    "This page needs JavaScript. deno task send-email does the same in a terminal.",
  );
}, { context: { javaScriptEnabled: false } });

test("page keeps a sender's name from rearranging its address", async (page) => {
  await sendEmail(page, { "sender-display": "\u202Emoc.elpmaxe@boss\u202D" });
  await untilState(page, "Archived");
  const value = page.locator("#mail-content dd", { hasText: "<alice@example.com>" }).first();
  const edges = await value.evaluate((element) => {
    const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let text; (text = texts.nextNode());) {
      const at = text.textContent?.indexOf("<alice@example.com>") ?? -1;
      if (at < 0) continue;
      return [0, 18].map((offset) => {
        const range = document.createRange();
        range.setStart(text, at + offset);
        range.setEnd(text, at + offset + 1);
        return range.getBoundingClientRect().left;
      });
    }
    return [];
  });
  equal(edges.length, 2);
  ok((edges[0] ?? 0) < (edges[1] ?? 0), "the address reads from left to right");
});

test("the pages of page, collector and inbox lead to one another, in the same design", async (page) => {
  await sendEmail(page);
  await untilState(page, "Archived");
  // Its pages are of other origins, which the page of a test must not ask.
  const context = await page.context().browser()?.newContext();
  if (context === undefined) throw new Error("no browser");
  try {
    const other: Page = await context.newPage();
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
    for (const width of [375, 1280, 1920]) {
      await other.setViewportSize({ width, height: 800 });
      await isAccessible(other);
    }
    await other.getByRole("link", { name: "As a journey" }).click();
    await untilState(other, "Archived");
  } finally {
    await context.close();
  }
});

test("page keeps the chosen colours", async (page) => {
  await page.emulateMedia({ colorScheme: "light" });
  await page.getByRole("button", { name: "Light or dark" }).click();
  await page.locator('html[data-theme="dark"]').waitFor();
  await page.reload();
  await page.locator('html[data-theme="dark"]').waitFor();
  await page.getByRole("button", { name: "Light or dark" }).click();
  await page.locator('html[data-theme="light"]').waitFor();
});
