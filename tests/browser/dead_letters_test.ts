import { equal, match } from "node:assert/strict";
import type { Page } from "playwright-core";
import { waitFor } from "./testing/conditions.ts";
import { clearFaults, type DevSystem, read, setFault } from "./testing/dev_system.ts";
import { fits, isAccessible } from "./testing/looks.ts";
import { accept, untilState } from "./testing/page_parts.ts";
import { setStage } from "./testing/stage.ts";

const test = setStage();

interface DeadLetterList {
  readonly reasons: readonly { readonly reason: string; readonly count: number }[];
  readonly queueCount: number;
  readonly progress: { readonly isComplete: boolean };
}

async function countsOf(system: DevSystem) {
  const list = await read<DeadLetterList>(system, "/api/dead-letters");
  const countOf = (code: string) =>
    list?.reasons.find(({ reason }) => reason.includes(code))?.count ?? 0;
  return { queueCount: list?.queueCount, isComplete: list?.progress.isComplete ?? false, countOf };
}

const reasonRow = (page: Page, code: string) => page.locator(".reasons > li", { hasText: code });
const status = (page: Page) => page.locator("#dead-letter-status");

async function said(page: Page, pattern: RegExp): Promise<string> {
  await status(page).filter({ hasText: pattern }).waitFor();
  return await status(page).textContent() ?? "";
}

/** Lists no more changes: what a click finds is then known. */
async function freeze(tab: Page): Promise<void> {
  await tab.route(
    "**/api/dead-letters",
    (route) => route.request().method() === "GET" ? undefined : route.continue(),
  );
}

/** Two tabs that show the same dead letters. */
async function openTwo(page: Page, code: string): Promise<readonly [Page, Page]> {
  const other = await page.context().newPage();
  for (const tab of [page, other]) {
    await tab.goto(new URL("/#view=explore&last=all", page.url()).href);
    await tab.reload();
    await reasonRow(tab, code).waitFor();
  }
  return [page, other];
}

test("page sends dead letters again, each once though two tabs do, and says what the other did", async ({ page, system }) => {
  await setFault(system, "smtp.recipient-reply", "550");
  const ids = [];
  for (let count = 0; count < 4; count++) ids.push(await accept(system));
  await waitFor(async () => {
    const { countOf, isComplete } = await countsOf(system);
    return isComplete && countOf("550") === 4;
  });
  await clearFaults(system);
  const [one, two] = await openTwo(page, "550");
  await isAccessible(one);
  await one.locator("#dead-letter-counts", { hasText: "The queue holds 4." }).waitFor();

  await freeze(two);
  const row = reasonRow(one, "550");
  await row.locator("summary").click();
  await row.getByRole("checkbox").first().check();
  await isAccessible(one);
  await row.getByRole("button", { name: "Send 1 again" }).click();
  equal(await said(one, /again\.$/), "1 sent again.");
  await one.locator(".reasons :focus").waitFor();
  await row.locator("summary b", { hasText: /^3$/ }).waitFor();
  await freeze(one);

  const buttons = [one, two].map((tab) =>
    reasonRow(tab, "550").getByRole("button", { name: "Send" })
  );
  await Promise.all(buttons.map((button) => button.click()));
  const texts = await Promise.all([one, two].map((tab) => said(tab, /^\d.*\.$/)));
  const sentCounts = texts.map((text) => Number(/(\d) sent again/.exec(text)?.[1] ?? 0));
  equal(sentCounts.reduce((sum, count) => sum + count), 3, texts.join());
  match(texts.join(), /\d no longer there: somebody was faster/);
  await waitFor(async () => (await countsOf(system)).queueCount === 0);
  for (const { traceId, id } of ids) {
    await page.goto(new URL(`/#trace=${traceId}&email=${id}`, system.pageUrl).href);
    await untilState(page, "Archived");
  }
});

test("page asks before it drops, and a tab that comes later is told", async ({ page, system }) => {
  const { id, traceId } = await accept(system, "bounce+552+too+big@example.com");
  await waitFor(async () => (await countsOf(system)).countOf("552") === 1);
  const [one, two] = await openTwo(page, "552");
  const dialogs = [one, two].map((tab) => tab.getByRole("dialog", { name: "Drop 1 dead letter?" }));
  const ask = (tab: Page) => reasonRow(tab, "552").getByRole("button", { name: /^Drop/ }).click();
  await ask(one);
  await isAccessible(one);
  await one.keyboard.press("Escape");
  await dialogs[0]?.waitFor({ state: "detached" });
  await ask(one);
  await dialogs[0]?.getByRole("button", { name: "Keep" }).click();
  equal((await countsOf(system)).queueCount, 1);

  await Promise.all([one, two].map(ask));
  await dialogs[0]?.getByRole("button", { name: "Drop for good" }).click();
  equal(await said(one, /dropped/), "1 dropped.");
  await one.locator("#explore :focus, #explore:focus").waitFor();
  await dialogs[1]?.getByRole("button", { name: "Drop for good" }).click();
  await said(two, /^1 no longer there: somebody was faster\.$/);
  await waitFor(async () => (await countsOf(system)).countOf("552") === 0);
  await two.reload();
  await two.locator("#dead-letter-counts", { hasText: "None." }).waitFor();
  await isAccessible(two);
  await two.goto(new URL(`/#trace=${traceId}&email=${id}`, system.pageUrl).href);
  await untilState(two, "Dead letter, dropped");
});

test("page shows dead letters in narrow and wide windows", async ({ page, system }) => {
  await accept(system, `bounce+550+${"unbreakable".repeat(9)}@example.com`);
  await waitFor(async () => (await countsOf(system)).countOf("unbreakable") === 1);
  await openTwo(page, "unbreakable");
  await reasonRow(page, "unbreakable").locator("summary").click();
  await fits(page);
});
