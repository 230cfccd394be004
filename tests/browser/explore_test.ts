import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Page } from "playwright-core";
import { waitFor } from "./testing/conditions.ts";
import { clearFaults, type DevSystem, read, setFault } from "./testing/dev_system.ts";
import { fits, isAccessible } from "./testing/looks.ts";
import { accept, addressOf, says, untilState } from "./testing/page_parts.ts";
import { fillPast, sendOneOfEachKind } from "./testing/past_emails.ts";
import { setStage } from "./testing/stage.ts";

const test = setStage();

/** In equal parts: archived, archived after a retry, dead letters. */
const COPY_COUNT = 180;
const SENT_COUNT = 3;
const COUNT = COPY_COUNT + SENT_COUNT;

/** When the copies were sent: long before the emails of the tests. */
const PAST = { fromMs: Date.now() - 12 * 60_000, toMs: Date.now() - 2 * 60_000 };

const rows = (page: Page) => page.locator("#explore-list tbody tr");
const hrefs = (page: Page) =>
  rows(page).locator("a").evaluateAll((all) => all.map((a) => a.getAttribute("href")));

async function fill(system: DevSystem): Promise<void> {
  await fillPast(system, await sendOneOfEachKind(system), COPY_COUNT, PAST);
  const path = "/api/explore/emails";
  await waitFor(async () =>
    (await read<{ matchCount: number }>(system, path))?.matchCount === COUNT
  );
}

let filled: Promise<void> | undefined;

async function explore(page: Page, system: DevSystem): Promise<void> {
  await (filled ??= fill(system));
  await page.goto(new URL("/#view=explore&last=3600000", system.pageUrl).href);
  await rows(page).first().waitFor();
}

async function untilCount(page: Page, count: number): Promise<void> {
  await page.locator("#explore-list-title", { hasText: new RegExp(`^${count} email`) }).waitFor();
}

/** Moves the pointer to a place of the plot, as shares of it. */
async function pointAt(page: Page, x: number, y: number, steps = 1): Promise<void> {
  const box = await page.locator(".plot svg").boundingBox();
  if (box === null) throw new Error("The plot is not there");
  // Left of the plot are the labels of its axis.
  const left = box.x + 58;
  await page.mouse.move(left + (box.width - 72) * x, box.y + box.height * y, { steps });
}

async function drag(page: Page, from: number, to: number): Promise<void> {
  await pointAt(page, from, 0.5);
  await page.mouse.down();
  await pointAt(page, to, 0.5, 4);
  await page.mouse.up();
}

test("Explore lists each email with what it differs by, page by page to the end", async ({ page, system }) => {
  await explore(page, system);
  await untilCount(page, COUNT);
  equal(await rows(page).count(), 25);
  const dead = rows(page).filter({ hasText: "Dead letter" }).first();
  await says(dead, /[0-9a-f]{4}\s+example\.\w+\s.*\d m?s\s.*:\d\d.*550 no such user/s);
  equal(await dead.locator(".pips .x").count(), 1);
  const retried = rows(page).filter({ hasText: "451" }).first();
  await says(retried, /^\s*Archived/);
  equal(await retried.locator(".pips .x").count(), 1);
  equal(await retried.locator(".pips .v").count(), 1);

  for (let pages = 0; await page.locator("#show-more").count() > 0; pages++) {
    ok(pages < 10);
    const count = await rows(page).count();
    await page.click("#show-more");
    await waitFor(async () => await rows(page).count() > count);
  }
  equal(await rows(page).count(), COUNT);
  await page.locator("#explore-list tbody a:focus").waitFor();
  equal(new Set(await hrefs(page)).size, COUNT);
});

test("Explore filters by search, state, domain and duration, and its address keeps that", async ({ page, system }) => {
  await explore(page, system);
  await untilCount(page, COUNT);
  await page.getByRole("button", { name: "Dead letters, 61" }).click();
  await untilCount(page, 61);
  match((await addressOf(page)).href, /state=dead-lettered/);
  // No hexadecimal number such as 550: an id may begin with it.
  await page.fill("#search", "example.org user");
  await untilCount(page, COPY_COUNT / 3 / 4);
  await page.reload();
  await untilCount(page, COPY_COUNT / 3 / 4);
  equal(await page.locator("#search").inputValue(), "example.org user");
  await page.goBack();
  await untilCount(page, 61);
  await page.goForward();
  await untilCount(page, COPY_COUNT / 3 / 4);
  await page.fill("#search", "");
  await untilCount(page, 61);
  await page.getByRole("button", { name: "Dead letters, 61" }).click();
  await untilCount(page, COUNT);

  await page.click("#add-filter");
  const dialog = page.getByRole("dialog", { name: "Filter" });
  await dialog.getByLabel("To the domain").fill("example.net");
  await dialog.getByLabel("At least (s)").fill("1");
  await dialog.getByRole("button", { name: "Apply" }).click();
  await page.locator('[data-filter="domain"]', { hasText: "To example.net" }).waitFor();
  await rows(page).filter({ hasNotText: "example.net" }).first().waitFor({ state: "detached" });
  equal(await rows(page).filter({ hasText: / ms/ }).count(), 0);

  await page.fill("#search", "nobody has this");
  await page.getByText("No email matches.").waitFor();
  const crosses = page.locator(".nothing .crossed");
  deepEqual(await crosses.locator("bdi").allInnerTexts(), [
    "“nobody has this”",
    "To example.net",
    "At least 1.00 s",
  ]);
  await crosses.first().click();
  await rows(page).first().waitFor();

  const id = await rows(page).first().locator("a").getAttribute("href");
  const [, traceId = "", emailId = ""] = /trace=(.*)&email=(.*)/.exec(id ?? "") ?? [];
  for (const part of [traceId, emailId.slice(0, 13)]) {
    await page.fill("#search", part);
    await untilCount(page, 1);
  }

  // An email that is opened while the last letters wait stays open.
  const kept = await page.evaluate(async () => {
    const search = document.querySelector("#search");
    if (!(search instanceof HTMLInputElement)) throw new Error("no search");
    search.value = "other";
    search.dispatchEvent(new InputEvent("input", { bubbles: true }));
    const opened = new Promise((resolve) =>
      addEventListener("hashchange", resolve, { once: true })
    );
    document.querySelector<HTMLElement>("#explore-list tbody a")?.click();
    await opened;
    return search.value;
  });
  equal(kept, "other");
  // They are dropped when they would have taken effect.
  const search = page.locator("#search");
  await waitFor(async () => await search.inputValue() === "");
  equal((await addressOf(page)).hash, id);
});

test("Explore can be used with the keyboard alone", async ({ page, system }) => {
  await explore(page, system);
  await page.keyboard.press("/");
  await page.locator("#search:focus").waitFor();
  await page.keyboard.type("dead-letter");
  await untilCount(page, 61);
  await page.keyboard.press("Enter");
  await page.keyboard.press("ArrowDown");
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("href"));
  const links = await hrefs(page);
  equal(await focused(), links[0]);
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Space");
  equal(await focused(), links[2]);
  await page.locator("#compare-ticked").focus();
  await page.keyboard.press("Enter");
  const compared = new URLSearchParams((await addressOf(page)).hash.slice(1));
  deepEqual(
    ["left", "right"].map((side) =>
      `#trace=${compared.get(side)}&email=${compared.get(`${side}Email`)}`
    ),
    [links[0], links[2]],
  );
  await page.goBack();
  await rows(page).nth(2).locator("a").focus();
  await page.keyboard.press("Enter");
  await untilState(page, "Dead letter");
  await page.goBack();
  await waitFor(async () => await focused() === links[2]);
  await page.keyboard.press("End");
  equal(await focused(), links.at(-1));

  // From another view, the search leads to Explore.
  await page.getByRole("link", { name: "Journey" }).click();
  await page.locator("#compose").waitFor();
  await page.keyboard.press("/");
  await page.locator("#search:focus").waitFor();
  await page.keyboard.type("user example.edu");
  await page.keyboard.press("Enter");
  await page.waitForURL(/#view=explore&search=user\+example\.edu$/);
  await rows(page).filter({ hasText: "example.edu" }).first().waitFor();
  await rows(page).filter({ hasText: "Archived" }).first().waitFor({ state: "detached" });
});

test("Explore plots the emails: a range by pointer or keys is the filter, a click opens one", async ({ page, system }) => {
  await explore(page, system);
  await page.getByRole("img", {
    name:
      /^6\d archived: .* m?s to .* m?s, half of them within .*\. 6\d archived after retries: .* 61 dead letter or refused: /,
  }).waitFor();
  await drag(page, 0.8, 0.9);
  await page.locator("#range-words", { hasText: /^\d+ emails in 6m 00s$/ }).waitFor();
  const inRange = Number.parseInt(await page.locator("#range-words").textContent() ?? "");
  ok(inRange > 50 && inRange < COUNT);
  await untilCount(page, inRange);
  match((await addressOf(page)).href, /from=\d+&to=\d+/);

  // A handle, by the pointer and by keys.
  const end = page.getByRole("slider", { name: "End of the range" });
  const valueOf = async () => Number(await end.getAttribute("aria-valuenow"));
  const before = await valueOf();
  const handle = await end.boundingBox();
  await page.mouse.move((handle?.x ?? 0) + 4, (handle?.y ?? 0) + 5);
  await page.mouse.down();
  await pointAt(page, 0.85, 0.3, 3);
  await page.mouse.up();
  await waitFor(async () => Math.abs(before - await valueOf() - 180_000) < 5_000);
  await waitFor(async () =>
    Number.parseInt(await page.locator("#explore-list-title").innerText()) < inRange
  );
  await end.focus();
  for (let step = 0; step < 5; step++) await page.keyboard.press("ArrowRight");
  await waitFor(async () => Math.abs(before - await valueOf()) < 5_000);
  equal(await page.locator("#explore .crossed").count(), 1);
  await page.locator('[data-filter="range"]').click();
  await untilCount(page, COUNT);
  await page.locator(".explore-bar button:focus").waitFor();

  // The longest emails are highest: there is a point somewhere along the height.
  const tip = page.locator(".plot .tip");
  for (let x = 0.8; await tip.filter({ hasText: "archived" }).count() === 0; x += 0.002) {
    ok(x < 1, "there is a point");
    await pointAt(page, x, 0.42);
  }
  // Nothing moves under a pressed pointer.
  await page.mouse.down();
  await says(tip, /^[0-9a-f]{4} archived/);
  const name = (await tip.innerText()).slice(0, 4);
  await page.mouse.up();
  await untilState(page, "Archived");
  match((await addressOf(page)).href, new RegExp(`#trace=[0-9a-f]{32}&email=${name}`));
});

test("Explore claims nothing, and has its places, before the server answers", async ({ page, system }) => {
  await page.route("**/api/explore/**", () => {/* never answered */});
  await page.goto(new URL("/#view=explore", system.pageUrl).href);
  const header = page.locator("#scatter header");
  await header.waitFor();
  equal((await header.innerText()).trim(), "Duration against time");
  const [one, other] = await Promise.all(
    ["#scatter h2", "#explore-list h2"].map((title) => page.locator(title).boundingBox()),
  );
  equal(one?.x, other?.x);
});

test("Explore takes the links of a dashboard", async ({ page, system }) => {
  await explore(page, system);
  await page.goto("about:blank");
  const toMs = Math.round((PAST.fromMs + PAST.toMs) / 2);
  await page.goto(new URL(`/#from=${PAST.fromMs - 1_000}&to=${toMs}`, system.pageUrl).href);
  await untilCount(page, COPY_COUNT / 2);
  await page.locator('[data-filter="range"]').click();
  await page.locator('[data-filter="range"]').waitFor({ state: "detached" });
  match((await addressOf(page)).href, /#view=explore$/);
});

test("Explore shows what comes, and only counts it while somebody reads", async ({ page, system }) => {
  await page.goto(new URL("/#view=explore&search=fresh.example", system.pageUrl).href);
  await page.getByText("No email matches.").waitFor();
  await accept(system, "first@fresh.example");
  await rows(page).filter({ hasText: "fresh.example" }).waitFor();
  await rows(page).filter({ hasText: "Archived" }).waitFor();
  await rows(page).first().hover();
  await accept(system, "second@fresh.example");
  await page.getByRole("button", { name: "1 new" }).waitFor();
  equal(await rows(page).count(), 1);
  await page.getByRole("button", { name: "1 new" }).click();
  await rows(page).nth(1).waitFor();
  await page.locator("#show-newer").waitFor({ state: "detached" });
  await page.locator("#explore-list a:focus").waitFor();
});

test("Explore keeps its picture while the collector is away, and says how much of it is read", async ({ page, system }) => {
  await explore(page, system);
  const status = page.locator("#explore-status");
  await setFault(system, "zipkin.reply", "503");
  await status.filter({ hasText: /^As of .*:\d\d/ }).waitFor();
  await page.locator("#notice", { hasText: "Emails travel all the same" }).waitFor();
  equal(await rows(page).count(), 25);
  await page.getByRole("button", { name: /^Dead letters/ }).click();
  await rows(page).filter({ hasText: "Archived" }).first().waitFor({ state: "detached" });
  await clearFaults(system);
  await status.filter({ hasNotText: "As of" }).waitFor({ state: "attached", timeout: 40_000 });

  await page.route("**/api/explore/emails*", async (route) => {
    const response = await route.fetch();
    const progress = { readCount: 1_234, isComplete: false };
    await route.fulfill({ response, json: { ...await response.json(), progress } });
  });
  await status.filter({ hasText: "Reading the collector: 1,234 traces so far" }).waitFor();
  await page.unrouteAll({ behavior: "wait" });
});

test("Explore is accessible, and fits all windows", async ({ page, system }) => {
  await explore(page, system);
  await drag(page, 0.8, 0.9);
  await rows(page).first().getByRole("checkbox").check();
  await fits(page);
  await isAccessible(page, [320, 768, 1280]);
  await page.click("#add-filter");
  await isAccessible(page);
}, { context: { reducedMotion: "reduce" } });
