import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Page } from "playwright-core";
import { report, spanOf } from "./testing/dev_system.ts";
import { rowsOf, sayEach, says, sendOneThat, sendUntil, showTrace } from "./testing/page_parts.ts";
import { setStage } from "./testing/stage.ts";

const test = setStage();

async function pin(page: Page, name: string, index = 0): Promise<void> {
  await rowsOf(page, name).nth(index).click();
  await page.locator("#span-details").getByRole("heading", { name }).waitFor();
}

/** The example never changes, so that its content is known. */
test("page says where the time went, and of a span its error and its ids", async ({ page }) => {
  const spent = page.locator("#time-spent");
  await spent.getByRole("heading", { name: "Where 39.7 s went" }).waitFor();
  const shares = await spent.locator(".share").allInnerTexts();
  match(shares[0] ?? "", /Waits in retry queues\s+36\.0 s, 91 %/);
  match(shares[1] ?? "", /Waits for the next poll\s+3\.45 s, 9 %/);
  match(shares[2] ?? "", /Emailer works/);

  // The error is shown in full where it arose, and the other rows link to it.
  const reason = page.locator("#span-details .reason");
  await pin(page, "send-email");
  await says(reason, /^\s*451 4\.3\.0 Requested action aborted: local error/);
  await pin(page, "send-email", 2);
  await says(reason, /^\s*451 again, see send-email of attempt 1$/);
  await pin(page, "emailer");
  await says(reason, /^\s*Failed, see send-email of attempt 1$/);
  await reason.getByRole("button").click();
  await says(reason, /Requested action aborted/);

  for (const [name, digits] of [["span", 16], ["parent", 16], ["trace", 32]] as const) {
    const button = page.getByRole("button", { name: `Copy the ${name} id` });
    const row = page.locator("#span-details .ids > div").filter({ has: button });
    const id = await row.locator(".mono").innerText();
    match(id, new RegExp(`^[0-9a-f]{${digits}}$`));
    await button.click();
    await row.getByText("Copied").waitFor({ state: "attached" });
    equal(await page.evaluate(() => navigator.clipboard.readText()), id);
  }
}, { context: { reducedMotion: "reduce", permissions: ["clipboard-read", "clipboard-write"] } });

test("page explains each tag, breaks no word of it, and has OpenTelemetry's names apart", async ({ page }) => {
  await sendUntil(page, "Archived");
  await pin(page, "send-email");
  const tags = page.locator("#span-details .tags");
  const tag = tags.locator("dl > div", { hasText: "smtp.reply_code" });
  await says(tag, /250[\s\S]*mail server's last reply; 4xx: not now, try later/);
  for (
    const name of ["schedule-email", "amqp-publish", "archive-email", "emailer", "store-message"]
  ) {
    await pin(page, name);
    const unexplained = await tags.locator("dl > div:not(:has(.meaning)) dt").allInnerTexts();
    deepEqual(unexplained, [], name);
    const broken = await page.locator("#span-details dt").evaluateAll((names) =>
      names.flatMap(({ childNodes }) => [...childNodes]).filter((word) => {
        const range = document.createRange();
        range.selectNodeContents(word);
        return new Set([...range.getClientRects()].map(({ top }) => top)).size > 1;
      }).map(({ textContent }) => textContent)
    );
    deepEqual(broken, [], name);
  }
  const more = tags.locator("summary");
  await says(more, /^\d+ more, as OpenTelemetry names them$/);
  equal(await tags.getByText("db.system.name").isVisible(), false);
  await more.click();
  await tags.getByText("db.system.name").waitFor();
});

test("page shows what was logged in a span, when, and how grave it was", async ({ page }) => {
  await sendOneThat(page, "is refused", "Dead letter");
  await pin(page, "emailer");
  const log = page.locator("#span-details .logs li").last();
  await log.waitFor();
  await says(log, /^\+[\d.]+ [mµ]?s\s+(?:warning|error)\s+\S/i);
});

test("page explains why a parent is missing, and never asks to reload", async ({ page, system }) => {
  const span = spanOf("emailer", {
    parentId: "00000000000000b1",
    name: "emailer",
    kind: "SERVER",
    timestamp: (Date.now() - 60_000) * 1_000,
  });
  await report(system, [span]);
  await showTrace(page, span.traceId);
  await pin(page, "emailer");
  await says(
    page.locator("#span-details .note"),
    /^The parent of emailer, amqp-publish, never arrived: message-server did not report it/,
  );
  ok(!/reload/i.test(await page.locator("main").innerText()));
});

test("page lets no foreign value rearrange what stands around it", async ({ page, system }) => {
  const override = "\u202Egnp.tekcip\u202D";
  const span = spanOf(`shop ${override}`, {
    name: `get ${override}`,
    annotations: [{ timestamp: Date.now() * 1_000, value: `INFO ${override}` }],
    tags: { error: `broken ${override}`, "some.tag": override },
  });
  await report(system, [span]);
  await showTrace(page, span.traceId);
  await page.locator(".row .title", { hasText: "get" }).click();
  await page.locator("#span-details").waitFor();
  deepEqual(await rearranging(page), []);

  await sendUntil(page, "Archived", { "sender-display": override });
  const sender = page.locator("#mail-content dd", { hasText: "<alice@example.com>" }).first();
  await sender.waitFor();
  await sayEach(sender.locator("bdi"), [override, "<alice@example.com>"]);
  deepEqual(await rearranging(page), []);
});

/** Elements with foreign texts that could rearrange the text around them. */
async function rearranging(page: Page): Promise<readonly string[]> {
  return await page.evaluate((mark) => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (texts.nextNode()) {
      const { textContent, parentElement } = texts.currentNode;
      if (textContent?.includes(mark) && parentElement?.closest("bdi") === null) {
        found.push(parentElement.outerHTML);
      }
    }
    return found;
  }, "\u202E");
}
