import { deepEqual, equal } from "node:assert/strict";
import type { Page } from "playwright-core";
import { sendEmail, untilState } from "./testing/page_parts.ts";
import { setStage } from "./testing/stage.ts";

const { test } = setStage();

const active = (page: Page) => page.locator("#active-faults li");

async function choose(page: Page, title: string): Promise<void> {
  await page.getByRole("radio", { name: title }).check();
}

test("page breaks what a station offers, marks it, and mends it", async (page) => {
  await page.locator('[data-node="mailtrap"]:visible').click();
  const dialog = page.getByRole("dialog", { name: "Break something" });
  await choose(page, "Mailtrap says: try later");
  equal(await dialog.getByRole("radio", { name: "RabbitMQ" }).count(), 0);
  await dialog.getByLabel("Value").selectOption("554");
  await dialog.getByRole("button", { name: "Break it", exact: true }).click();
  await active(page).getByText(/Mailtrap says: try later 554.* ends in/).waitFor();
  await page.keyboard.press("Escape");
  await page.locator("#break", { hasText: "1 broken" }).waitFor();

  await sendEmail(page);
  await untilState(page, "Dead letter");
  await page.click("#break");
  await active(page).getByText("happened 1 ×").waitFor();
  await page.getByRole("button", { name: "Mend smtp.reply" }).click();
  await active(page).waitFor({ state: "detached" });
  await page.keyboard.press("Escape");
  await page.locator("#break", { hasText: "Break something" }).waitFor();
  await sendEmail(page);
  await untilState(page, "Archived");
});

test("page asks for the value of a fault before it sets it", async (page) => {
  await page.click("#break");
  await choose(page, "Zipkin is slow");
  const value = page.getByLabel("Value (ms)");
  await value.fill("");
  await page.getByRole("button", { name: "Break it", exact: true }).click();
  equal(
    await value.evaluate((input) =>
      input instanceof HTMLInputElement && input.validity.valueMissing
    ),
    true,
  );
  equal(await page.locator("#fault-status").textContent(), "");
  equal(await active(page).count(), 0);
});

test("page mends everything at once, and says what is wrong with a setting", async (page) => {
  await page.click("#break");
  for (const title of ["The database is slow", "RabbitMQ confirms late"]) {
    await choose(page, title);
    await page.getByRole("button", { name: "Break it", exact: true }).click();
    await active(page).getByText(title).waitFor();
  }
  await page.locator("dialog form").evaluate((form) => {
    if (form instanceof HTMLFormElement) form.noValidate = true;
  });
  await page.getByLabel("Value (ms)").fill("0");
  await page.getByRole("button", { name: "Break it", exact: true }).click();
  await page.locator("#fault-status", { hasText: "Cannot" }).waitFor();

  await page.getByRole("button", { name: "Mend everything" }).click();
  await active(page).first().waitFor({ state: "detached" });
  deepEqual(await active(page).allTextContents(), []);
}, { expectedStatuses: [422] });
