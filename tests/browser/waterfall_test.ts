import { deepEqual, equal, ok } from "node:assert/strict";
import type { Locator, Page } from "playwright-core";
import { type DevSystem, report } from "./testing/dev_system.ts";
import { addressOf, rowsOf, says, sendOneThat, showTrace } from "./testing/page_parts.ts";
import { setStage } from "./testing/stage.ts";

const test = setStage();

/** The example never changes, so that its content is known. */
const STILL = {
  context: { reducedMotion: "reduce", viewport: { width: 1440, height: 1200 } },
} as const;

async function widthOf(part: Locator): Promise<number> {
  return (await part.boundingBox())?.width ?? NaN;
}

test("page draws short and long waits differently, true on request", async ({ page }) => {
  const bands = page.locator(".bands .band");
  deepEqual(await page.locator(".cut-label").allInnerTexts(), [
    "≈ 1 s",
    "≈ 5 s",
    "≈ 30 s",
    "≈ 3.4 s",
  ]);
  const [second = 0, five = 0, thirty = 0, poll = 0] = await Promise.all(
    (await bands.all()).map(widthOf),
  );
  ok(second < poll && poll < five && five < thirty, `${[second, five, thirty, poll]}`);
  ok(second > 15, "a second can be seen");
  await says(page.locator(".tick:visible").last(), /^39\.7 s$/);

  await page.getByRole("button", { name: "True time" }).click();
  equal(await bands.count(), 0);
  equal(await page.locator(".track .left-out").count(), 0);
  const [short, long] = [
    await widthOf(rowsOf(page, "amqp-retry").nth(0).locator(".bar.wait")),
    await widthOf(rowsOf(page, "amqp-retry").nth(2).locator(".bar.wait")),
  ];
  ok(Math.abs(long / short - 30) < 1.5, `${long} is thirty times ${short}`);
  ok((await page.locator(".tick:visible").allInnerTexts()).includes("10 s"));
  await page.getByRole("button", { name: "Compressed" }).click();
  equal(await bands.count(), 4);
}, STILL);

test("page tells work from waits, marks what counts, says an error once", async ({ page }) => {
  const attempt = rowsOf(page, "emailer").first();
  // It sends, then publishes to the retry queue; before, between and after it works itself.
  equal(await attempt.locator(".bar.own").count(), 3);
  equal(await attempt.locator(".bar.child").count(), 2);
  const retry = rowsOf(page, "amqp-retry").first();
  equal(await retry.locator(".bar.wait").getAttribute("data-service"), "rabbitmq");
  await says(retry, /≈[\s\S]*waits 1 s/);
  equal(
    await rowsOf(page, "archive-email").locator(".bar.wait").getAttribute("data-service"),
    "mailtrap",
  );
  await says(rowsOf(page, "archive-email"), /waits 3\.45 s for the next poll/);
  for (const name of ["send-email", "store-message", "delete-message"]) {
    const isOnPath = await rowsOf(page, name).first().locator(".critical").count() > 0;
    equal(isOnPath, name !== "delete-message", name);
  }
  ok(await page.locator(".bands .turn").count() > 10);
  equal(await rowsOf(page, "emailer").locator(".log[data-level=warning]").count(), 3);
  deepEqual(await page.locator(".remark.says").allInnerTexts(), [
    "451 4.3.0 Requested action aborted: local error in processing",
    "451 again",
    "451 again",
  ]);
  equal(await page.locator(".row.failed").count(), 6, "the attempts are marked as well");
  equal(await attempt.locator(".remark").count(), 0);
}, STILL);

test("page explains each mark, and hides the rows of a service at a click", async ({ page }) => {
  const legend = page.locator(".legend");
  deepEqual(
    (await legend.locator(".keys .key").allInnerTexts()).map((text) => text.replace("\n", " ")),
    ["works itself", "a child works", "waits", "≈ time left out", "critical path", "log"],
  );
  const filter = page.getByRole("button", { name: "Mail poller", exact: true });
  equal(await filter.getAttribute("aria-pressed"), "true");
  await filter.click();
  equal(await filter.getAttribute("aria-pressed"), "false");
  equal(await page.locator(".row[data-service=mail-poller]").count(), 0);
  ok(await page.locator(".row[data-service=emailer]").count() > 0);
  equal(await page.locator(".crossing").count(), 0);
  await filter.click();
  equal(await page.locator(".row[data-service=mail-poller]").count(), 6);
}, STILL);

test("page previews a span, pins it at a click; nothing jumps", async ({ page }) => {
  const list = page.locator("#waterfall");
  const details = page.locator("#span-details");
  // The button comes with the list of the faults.
  await page.locator("#break").waitFor();
  const before = await list.boundingBox();
  const row = rowsOf(page, "send-email").first();
  await row.hover();
  await says(row.locator(".tip"), /send-email 201 ms, works itself 201 ms, starts at 28 ms/);
  equal(await details.count(), 0, "a preview is no choice");
  await row.click();
  await details.getByRole("heading", { name: "send-email" }).waitFor();
  await rowsOf(page, "schedule-email").hover();
  await details.getByRole("heading", { name: "send-email" }).waitFor();
  equal(await row.getAttribute("aria-selected"), "true");
  deepEqual(await list.boundingBox(), before);
  await page.keyboard.press("Escape");
  equal(await details.count(), 0);
  await page.locator("#time-spent").waitFor();
  deepEqual(await list.boundingBox(), before);
}, STILL);

test("page gives the bars most of the waterfall's width", async ({ page }) => {
  for (const width of [1280, 1440, 1920]) {
    await page.setViewportSize({ width, height: 1000 });
    const part = await widthOf(page.locator(".track").first()) /
      await widthOf(page.locator("#waterfall-card"));
    ok(part >= 0.6, `${part} at ${width} pixels`);
  }
}, STILL);

test("page walks the spans by keyboard, pins with Enter, frees with Escape", async ({ page }) => {
  const focused = () =>
    page.evaluate(() => document.activeElement?.querySelector(".title")?.textContent);
  await page.locator(".row").first().waitFor();
  await page.keyboard.press("ArrowDown");
  equal(await focused(), "schedule-email");
  await page.keyboard.press("ArrowDown");
  equal(await focused(), "amqp-publish");
  await page.locator(".row:focus .tip").waitFor();
  await page.keyboard.press("Enter");
  await page.locator("#span-details").getByRole("heading", { name: "amqp-publish" }).waitFor();
  await page.keyboard.press("End");
  equal(await focused(), "delete-message");
  await page.locator("#span-details").getByRole("heading", { name: "delete-message" }).waitFor();
  await page.keyboard.press("Home");
  equal(await focused(), "schedule-email");
  await page.keyboard.press("Escape");
  equal(await page.locator("#span-details").count(), 0);
  await page.keyboard.press("t");
  equal(await page.locator(".bands .band").count(), 0);
}, STILL);

/** Hands in a trace of another service, with spans of these times. */
async function showSpans(
  page: Page,
  system: DevSystem,
  times: readonly (readonly [atMs: number, forMs: number])[],
): Promise<void> {
  const traceId = crypto.randomUUID().replaceAll("-", "");
  const nowMs = Date.now();
  await report(
    system,
    times.map(([atMs, forMs], index) => ({
      traceId,
      id: String(index + 1).padStart(16, "0"),
      name: `step-${index}`,
      timestamp: (nowMs + atMs) * 1_000,
      duration: forMs * 1_000,
      tags: index === 1 ? { error: "sold out" } : {},
      localEndpoint: { serviceName: "shop" },
    })),
  );
  await showTrace(page, traceId);
}

test("page labels the waits of many bursts, none over another", async ({ page, system }) => {
  await showSpans(page, system, Array.from({ length: 12 }, (_, index) => [index * 1_000, 20]));
  await rowsOf(page, "step-11").waitFor();
  const labels = await page.locator(".cut-label:visible").evaluateAll((all) =>
    all.map((label) => label.getBoundingClientRect().toJSON())
  );
  ok(labels.length > 1);
  for (const [index, { left }] of labels.entries()) ok(left >= (labels[index - 1]?.right ?? 0));
}, STILL);

test("page has the error of a long bar where there is room for it", async ({ page, system }) => {
  // There is room on the left, or only inside.
  for (const [atMs, forMs] of [[4, 73], [1, 98]] as const) {
    await showSpans(page, system, [[0, 100], [atMs, forMs]]);
    const remark = rowsOf(page, "step-1").filter({ hasText: `${forMs} ms` }).locator(".remark");
    await remark.waitFor();
    const fits = await remark.evaluate((all) => all.scrollWidth <= all.clientWidth);
    ok(fits, "it is not cut off");
  }
}, STILL);

test(
  "page keeps the keyboard's row and its details in view, however long the list is",
  async ({ page, system }) => {
    await page.setViewportSize({ width: 1440, height: 700 });
    await showSpans(page, system, Array.from({ length: 200 }, (_, index) => [index, 1]));
    // The pointer rests while the rows move below it.
    await rowsOf(page, "step-3").hover();
    await rowsOf(page, "step-4").click();
    for (let step = 0; step < 30; step++) await page.keyboard.press("ArrowDown");
    await rowsOf(page, "step-34").locator(".tip").waitFor();
    const details = page.locator("#span-details").getByRole("heading", { name: "step-34" });
    const box = await details.boundingBox();
    ok(box !== null && box.y >= 0 && box.y < 700, `${box?.y}`);

    // On a phone they are below the row that is tapped.
    await page.setViewportSize({ width: 375, height: 667 });
    const row = rowsOf(page, "step-150");
    await row.click();
    const below = await page.locator(".dock").filter({ hasText: "step-150" }).boundingBox();
    const { y = NaN, height = NaN } = await row.boundingBox() ?? {};
    ok(below !== null && y > 0 && y + height <= below.y && below.y < 400, `${y}, ${below?.y}`);
  },
  STILL,
);

test("page keeps the pinned span and the axis in the address", async ({ page }) => {
  await sendOneThat(page, "is told “try later”", "Waits (?:5|30) s");
  await rowsOf(page, "amqp-retry").first().click();
  await page.waitForURL(/&span=[0-9a-f]{16}$/);
  await page.getByRole("button", { name: "True time" }).click();
  await page.waitForURL(/&axis=true$/);
  await page.getByRole("button", { name: "Copy the address of this email" }).click();
  await page.locator(".facts").getByText("Copied").waitFor({ state: "attached" });
  equal(await page.evaluate(() => navigator.clipboard.readText()), (await addressOf(page)).href);
  await page.reload();
  await page.locator("#span-details").getByRole("heading", { name: "amqp-retry" }).waitFor();
  equal(await page.locator(".bands .band").count(), 0);
  await page.keyboard.press("Escape");
  await page.waitForURL((url) => !url.hash.includes("span="));
  const { hash } = await addressOf(page);
  await sendOneThat(page, "is told “try later”", "Waits (?:1|5|30) s");
  await page.waitForURL((url) => url.hash !== hash && url.hash.endsWith("&axis=true"));
}, { context: { permissions: ["clipboard-read", "clipboard-write"] } });
