import { equal, match } from "node:assert/strict";
import { sendEmail, untilState } from "./testing/page_parts.ts";
import { setStage } from "./testing/stage.ts";

const { test } = setStage();

test("page sets a fault of the stand-ins, marks it, and clears it", async (page) => {
  await page.getByText("Break something").click();
  await page.getByLabel("Fault", { exact: true }).selectOption("smtp.reply");
  await page.getByText("answers a mail with this code").waitFor();
  await page.getByLabel("Value").selectOption("554");
  await page.getByLabel("For", { exact: true }).selectOption("60000");
  await page.getByRole("button", { name: "Set the fault" }).click();
  const active = page.locator("#active-faults li");
  await active.getByText(/smtp\.reply = 554 .* ends in/).waitFor();
  await page.locator("#fault-count", { hasText: "1 active" }).waitFor();

  await sendEmail(page);
  await untilState(page, "Dead-lettered");
  await active.getByText("happened 1 ×").waitFor();
  await page.getByRole("button", { name: "Clear smtp.reply" }).click();
  await page.locator("#fault-count", { hasText: "none active" }).waitFor();
  equal(await active.count(), 0);
  await sendEmail(page);
  await untilState(page, "Archived");
});

test("page asks for the value of a fault before it sets it", async (page) => {
  const arrow = () =>
    page.locator("#faults > summary").evaluate((summary) =>
      getComputedStyle(summary, "::after").content
    );
  match(await arrow(), /▸/);
  await page.getByText("Break something").click();
  match(await arrow(), /▾/);
  await page.getByLabel("Fault", { exact: true }).selectOption("zipkin.delay");
  await page.locator("#fault-value").fill("");
  await page.getByRole("button", { name: "Set the fault" }).click();
  equal(
    await page.locator("#fault-value").evaluate((input) =>
      input instanceof HTMLInputElement && input.validity.valueMissing
    ),
    true,
  );
  equal(await page.locator("#fault-status").innerText(), "");
  equal(await page.locator("#active-faults li").count(), 0);
});

test("page clears all faults at once, and says what is wrong with a setting", async (page) => {
  await page.getByText("Break something").click();
  for (const name of ["mongodb.delay", "rabbitmq.slow-confirm"]) {
    await page.getByLabel("Fault", { exact: true }).selectOption(name);
    await page.getByRole("button", { name: "Set the fault" }).click();
    await page.locator("#active-faults li", { hasText: name }).waitFor();
  }
  await page.locator("#fault-probability").fill("0.5");
  await page.locator("#fault-form").evaluate((form) => {
    if (form instanceof HTMLFormElement) form.noValidate = true;
  });
  await page.locator("#fault-value").fill("0");
  await page.getByRole("button", { name: "Set the fault" }).click();
  await page.locator("#fault-status", { hasText: "Cannot" }).waitFor();

  await page.getByRole("button", { name: "Clear all" }).click();
  await page.locator("#fault-count", { hasText: "none active" }).waitFor();
}, { expectedStatuses: [422] });
