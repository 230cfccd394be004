import { deepEqual, equal } from "node:assert/strict";
import type { Page } from "playwright-core";
import { sendUntil } from "./testing/page_parts.ts";
import { setStage } from "./testing/stage.ts";

const test = setStage();

const active = (page: Page) => page.locator("#active-faults li");

async function choose(page: Page, title: string): Promise<void> {
  await page.getByRole("radio", { name: title }).check();
}

test("page breaks what a station offers, marks it, and mends it", async ({ page }) => {
  await page.locator('[data-node="mailtrap"]:visible').click();
  const dialog = page.getByRole("dialog", { name: "Break something" });
  await choose(page, "Mailtrap says: try later");
  equal(await dialog.getByRole("radio", { name: "RabbitMQ" }).count(), 0);
  await dialog.getByLabel("Value").selectOption("554");
  await dialog.getByRole("button", { name: "Break it", exact: true }).click();
  await active(page).getByText(/Mailtrap says: try later 554.* ends in/).waitFor();
  await page.keyboard.press("Escape");
  await page.locator("#break", { hasText: "1 broken" }).waitFor();

  await sendUntil(page, "Dead letter");
  await page.click("#break");
  await active(page).getByText("happened 1 ×").waitFor();
  await page.getByRole("button", { name: "Mend smtp.reply" }).click();
  await active(page).waitFor({ state: "detached" });
  await page.locator("dialog button:focus").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("#break", { hasText: "Break something" }).waitFor();
  await sendUntil(page, "Archived");
});

test("page mends everything at once, and says what is wrong with a setting", async ({ page }) => {
  await page.click("#break");
  const breakIt = page.getByRole("button", { name: "Break it", exact: true });
  for (const title of ["The database is slow", "RabbitMQ confirms late"]) {
    await choose(page, title);
    await breakIt.click();
    await active(page).getByText(title).waitFor();
  }
  const value = page.getByLabel("Value (ms)");
  await value.fill("");
  await breakIt.click();
  equal(await page.locator("input[name=value]:invalid").count(), 1);
  equal(await page.locator("#fault-status").textContent(), "");
  await page.locator("dialog form").evaluate((form) => {
    if (form instanceof HTMLFormElement) form.noValidate = true;
  });
  await value.fill("0");
  await breakIt.click();
  await page.locator("#fault-status", { hasText: "Cannot" }).waitFor();

  await page.getByRole("button", { name: "Mend everything" }).click();
  await active(page).first().waitFor({ state: "detached" });
  deepEqual(await active(page).allTextContents(), []);
  await page.locator("dialog button:focus").waitFor();
}, { expected: /status of 422/ });
