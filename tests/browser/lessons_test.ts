import { equal, match } from "node:assert/strict";
import type { Page } from "playwright-core";
import { fits, isAccessible } from "./testing/looks.ts";
import { addressOf } from "./testing/page_parts.ts";
import { setStage } from "./testing/stage.ts";

const test = setStage();

const lessonCard = (page: Page) => page.locator(".teaching > .card").first();
const note = (page: Page) => page.locator(".lesson-note");

async function openLesson(page: Page, title: string): Promise<void> {
  await page.getByRole("navigation").getByRole("link", { name: "Lessons" }).click();
  await page.getByRole("link", { name: title }).click();
  await page.getByRole("heading", { name: title }).waitFor();
}

async function ended(page: Page): Promise<string> {
  const conclusion = page.locator(".conclusion");
  await conclusion.waitFor({ timeout: 60_000 });
  return await conclusion.textContent() ?? "";
}

test("page gives a lesson: steps, a note below each row, and the next one", async ({ page }) => {
  await openLesson(page, "Try again later");
  await page.getByRole("button", { name: "Start" }).click();
  await page.getByText(/Broken on purpose: Mailtrap says: try later/).waitFor();
  await note(page).getByText("The first attempt. It failed").waitFor();
  match(await ended(page), /Every point of this lesson holds/);
  equal(await page.getByText(/Broken on purpose/).count(), 0);
  const stepCount = await page.locator(".steps li").count();
  // An audience sees each step as well.
  await page.keyboard.press("p");
  await note(page).getByRole("button", { name: "Next: send-email" }).click();
  await note(page).getByRole("button", { name: "Back" }).click();
  await page.keyboard.press("p");
  for (let step = 1; step < stepCount; step++) {
    await note(page).getByText(`${step} of ${stepCount}`).waitFor();
    const row = await note(page).evaluate((element) =>
      element.previousElementSibling?.querySelector(".title")?.textContent
    );
    equal(row, await note(page).locator("b").textContent());
    await note(page).getByRole("button", { name: /^Next: / }).click();
    await note(page).locator("button:focus").waitFor();
  }
  equal(await note(page).getByRole("button", { name: /^Next: / }).count(), 0);
  await note(page).getByRole("button", { name: "Back" }).click();
  await note(page).getByText(`${stepCount - 1} of ${stepCount}`).waitFor();
  match(
    (await addressOf(page)).href,
    /#view=lessons&lesson=3&trace=[0-9a-f]{32}&email=[0-9a-f-]{36}$/,
  );

  await page.getByRole("link", { name: /^Next: / }).click();
  await page.getByRole("heading", { name: "Never" }).waitFor();
  await page.reload();
  await page.getByRole("navigation").getByText(/^Lessons 1 of \d+$/).waitFor();
});

test("page ends a lesson before its time, and says which needs a system of its own", async ({ page }) => {
  await openLesson(page, "What the stock exporter cannot show");
  await lessonCard(page).getByText("deno task lesson 15").waitFor();
  equal(await page.getByRole("button", { name: "Start" }).count(), 0);
  await openLesson(page, "The broker says nothing");
  await page.getByRole("button", { name: "Start" }).click();
  await page.getByText(/Broken on purpose/).waitFor();
  await page.getByRole("button", { name: "Mend it and leave" }).click();
  await page.getByRole("button", { name: "Start" }).waitFor();
  await page.getByRole("navigation").getByRole("link", { name: "Journey" }).click();
  await page.locator("#break", { hasText: "Break something" }).waitFor();
});

test("page says why it cannot list or start a lesson, until it can", async ({ page }) => {
  await page.route("**/api/lessons", (route) => route.abort());
  await page.getByRole("navigation").getByRole("link", { name: "Lessons" }).click();
  await page.locator("#lesson-title").waitFor();
  await page.unroute("**/api/lessons");
  await openLesson(page, "Never");
  const detail = "Cannot give the lesson here";
  await page.route("**/api/lessons/4", (route) => route.fulfill({ status: 422, json: { detail } }));
  await page.getByRole("button", { name: "Start" }).click();
  const complaint = lessonCard(page).getByText(detail);
  await complaint.waitFor();
  for (let answers = 0; answers < 2; answers++) await page.waitForResponse("**/api/lessons/given");
  equal(await complaint.isVisible(), true);
  await openLesson(page, "Try again later");
  equal(await complaint.count(), 0);
}, { expected: /net::ERR_FAILED|status of 422/ });

test("page keeps the lessons that another tab completed meanwhile", async ({ page }) => {
  await page.evaluate(() => localStorage.setItem("lessons-done", "[1]"));
  const lesson = { number: 2, state: "seen", isMended: true, steps: [], checks: [], missing: [] };
  await page.route("**/api/lessons/given", (route) => route.fulfill({ json: { lesson } }));
  await page.evaluate(() => location.hash = "view=lessons&lesson=2");
  await page.getByRole("navigation").getByText(/^Lessons 2 of \d+$/).waitFor();
});

test("page plays a mystery: a wrong answer, a hint, the right one", async ({ page }) => {
  // The server picks the seed: the mystery is "Mailtrap says: try later" or another easy one.
  await page.getByRole("navigation").getByRole("link", { name: "Lessons" }).click();
  const card = page.locator(".mystery");
  await card.getByRole("button", { name: "Begin" }).click();
  await card.getByRole("button", { name: "Send an email" }).click();
  await page.waitForURL(/#view=lessons&trace=/);
  await page.locator(".row").nth(2).waitFor();
  await card.getByRole("button", { name: "Message server" }).click();
  await card.getByLabel("Cause").selectOption({ index: 1 });
  await card.getByRole("button", { name: "Answer" }).click();
  await card.getByText("80 of 100").waitFor();
  await card.getByText("It is not there.").waitFor();
  await card.getByRole("button", { name: "Hint, −10" }).click();
  await card.getByText("70 of 100").waitFor();
  await card.getByText("Hint 1").waitFor();
  await card.getByRole("button", { name: "Give up" }).click();
  await card.getByText("0 of 100", { exact: true }).waitFor();
  const fault = await card.locator("code").first().textContent();
  await card.getByText("What the document says of it").click();
  await card.getByText(`deno task fault ${fault}`).waitFor();
});

test("page shows lessons accessibly, in all windows", async ({ page }) => {
  await openLesson(page, "The journey of an email");
  await page.getByRole("button", { name: "Start" }).click();
  await ended(page);
  await page.locator(".mystery").getByRole("button", { name: "Begin" }).click();
  await page.locator(".mystery").getByRole("button", { name: "Mailtrap" }).click();
  await isAccessible(page);
  await fits(page);
  await page.locator(".mystery").getByRole("button", { name: "Give up" }).click();
}, { context: { reducedMotion: "reduce" } });
