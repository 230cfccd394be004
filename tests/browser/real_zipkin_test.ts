import { equal, ok } from "node:assert/strict";
import { rowsOf, says, sendOneThat, sendUntil, untilRows } from "./testing/page_parts.ts";
import { fillPast, sendOneOfEachKind } from "./testing/past_emails.ts";
import { setStage } from "./testing/stage.ts";

/** The processor time of one frame. */
const FRAME_MS = 16;

const ZIPKIN_URL = Deno.env.get("TEST_ZIPKIN_URL");
const NAME = "page draws and explains an email that a real Zipkin knows";

if (ZIPKIN_URL === undefined) {
  Deno.test({ name: `${NAME} (set TEST_ZIPKIN_URL to run it)`, ignore: true, fn() {} });
} else {
  const test = setStage({ ZIPKIN_URL });

  test(NAME, async ({ page }) => {
    await sendOneThat(page, "is told “try later”", "Waits (?:5|30) s");
    await page.locator(".remark.says", { hasText: /^451 try later$/ }).waitFor();
    await page.locator(".remark.says", { hasText: /^451 again$/ }).first().waitFor();
    // The wait begins while the attempt before it still waits for the broker's confirm. Beside a longer one, its label is hidden.
    await page.locator(".cut-label", { hasText: /^≈ (?:9\d\d ms|1(?:\.\d)? s)$/ })
      .waitFor({ state: "attached" });

    await sendUntil(page, "Archived", { "recipient-address": "bob@example.com" });
    await untilRows(page, "delete-message");
    await page.locator(".crossing").waitFor();
    // A short wait has no remark.
    await rowsOf(page, "archive-email").locator(".bar.wait").waitFor({ state: "attached" });
    await page.locator(".row .critical").nth(5).waitFor();
    // Log records are annotations in Zipkin.
    await page.locator(".row .log").nth(1).waitFor({ state: "attached" });

    await rowsOf(page, "send-email").click();
    const details = page.locator("#span-details");
    await says(details.locator(".tags"), /smtp\.reply_code[\s\S]*4xx: not now/);
    await page.keyboard.press("Escape");
    await says(
      page.locator("#time-spent"),
      /Where [\d.]+ m?s went(?=[\s\S]*Waits for the next poll)[\s\S]*Emailer works/,
    );
  });

  test("Explore plots 10,000 emails of a real Zipkin smoothly and lists all of them", async ({ page, system }) => {
    const [count, domain] = [10_000, `${crypto.randomUUID()}.example`];
    const toMs = Date.now();
    const time = { fromMs: toMs - 10 * 60_000, toMs, domains: [domain] };
    await fillPast(system, await sendOneOfEachKind(system), count, time);
    await page.goto(new URL(`/#view=explore&last=3600000&search=${domain}`, system.pageUrl).href);
    await page.locator("#explore-list-title", { hasText: /^10,000 emails/ }).waitFor({
      timeout: 120_000,
    });
    await page.locator("#scatter header", { hasText: "10,000 emails" }).waitFor();
    await page.locator("#explore-status", { hasNotText: "Reading" }).waitFor({
      state: "attached",
      timeout: 60_000,
    });

    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable", { timeDomain: "threadTicks" });
    const usedMs = async () => {
      const { metrics } = await session.send("Performance.getMetrics");
      return (metrics.find(({ name }) => name === "TaskDuration")?.value ?? NaN) * 1_000;
    };
    const box = await page.locator(".plot").boundingBox();
    const { x, y, width } = box ?? { x: NaN, y: NaN, width: NaN };
    const stepMs = async (from: number, to: number) => {
      const before = await usedMs();
      const steps = 50;
      await page.mouse.move(x + from * width, y + 150);
      await page.mouse.move(x + to * width, y + 160, { steps });
      return (await usedMs() - before) / steps;
    };
    const hoverMs = await stepMs(0.85, 0.95);
    await page.locator(".plot .tip").waitFor();
    await page.mouse.down();
    const dragMs = await stepMs(0.95, 0.85);
    await page.mouse.up();
    ok(
      Math.max(hoverMs, dragMs) < FRAME_MS,
      `A step took ${hoverMs} ms, and ${dragMs} ms dragging`,
    );
    await page.locator("#explore-list-title", { hasNotText: /^10,000/ }).waitFor();
    await page.locator('[data-filter="range"]').click();
    await page.locator("#explore-list-title", { hasText: /^10,000 emails/ }).waitFor();

    await page.getByRole("link", { name: /^Emailer to Mailtrap: \d+,\d{3} calls, / }).waitFor();
    await page.getByRole("img", { name: /^SMTP: p50, p95 and p99: \d/ }).waitFor();
    await page.locator(".reasons > li", { hasText: /refused for good: 550/ }).first().waitFor();

    // Runs in the page itself: the debugger would search all rows at each step.
    const listed = await page.waitForFunction(
      () => {
        const more = document.querySelector("#show-more");
        if (more instanceof HTMLElement) more.click();
        const links = document.querySelectorAll("#explore-list tbody a");
        return more === null && [...links].map((link) => link.getAttribute("href"));
      },
      undefined,
      { timeout: 120_000 },
    );
    const links = await listed.jsonValue() || [];
    equal(new Set(links).size, count);
    equal(links.length, count);

    const boxes = page.locator("#explore-list tbody [type=checkbox]");
    for (const index of [0, 1]) await boxes.nth(index).check();
    await page.locator("#explore-list").getByRole("button", { name: "Compare" }).click();
    await page.locator("#compare-summary", { hasText: "in the other" }).waitFor();
  });
}
