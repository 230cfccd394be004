import { deepEqual, equal, ok } from "node:assert/strict";
import { seriousProblems } from "./testing/axe.ts";
import { sendEmail, untilState } from "./testing/page_parts.ts";
import { setStage } from "./testing/stage.ts";

const { test } = setStage();

test("page has no serious problem of accessibility, in light and dark colours", async (page) => {
  const check = async () => {
    await page.emulateMedia({ colorScheme: "light" });
    deepEqual(await seriousProblems(page), []);
    // Of what is looked at, only this is another in the dark.
    await page.emulateMedia({ colorScheme: "dark" });
    deepEqual(await seriousProblems(page, ["color-contrast"]), []);
  };
  await check();
  await page.click("#break");
  await page.getByRole("radio", { name: "Zipkin is slow" }).check();
  await page.getByRole("button", { name: "Break it" }).click();
  await page.locator("#active-faults li").waitFor();
  await check();
  await page.getByRole("button", { name: "Mend everything" }).click();
  await page.keyboard.press("Escape");
  await sendEmail(page, { "recipient-address": "bounce+451+try+later@example.com" });
  await untilState(page, "Waits");
  await check();
  await sendEmail(page, { "recipient-address": "nobody" });
  await page.locator("[aria-invalid]").waitFor();
  await sendEmail(page, { "recipient-address": "bounce+550+no@example.com" });
  await untilState(page, "Dead letter");
  await page.locator(".row").first().click();
  await check();
  await sendEmail(page, { "recipient-address": "bob@example.com" });
  await untilState(page, "Archived");
  await page.locator("#mail-content pre").waitFor();
  await check();
}, { context: { reducedMotion: "reduce" }, expectedStatuses: [422] });

test("page fits windows from 320 to 1920 pixels wide", async (page) => {
  const fits = async () => {
    for (const width of [320, 375, 768, 1000, 1280, 1440, 1920]) {
      await page.setViewportSize({ width, height: 800 });
      const overflow = await page.evaluate(() =>
        document.documentElement.scrollWidth - document.documentElement.clientWidth
      );
      equal(overflow, 0, `${width} pixels`);
      equal(await page.locator(".map:visible").count(), 1, `${width} pixels`);
    }
  };
  await fits();
  await sendEmail(page, {
    "recipient-address": `bounce+550+${"unbreakable".repeat(6)}@example.com`,
    subject: "W".repeat(300),
  });
  await untilState(page, "Dead letter");
  await page.locator(".row").first().hover();
  await fits();
  await sendEmail(page, { "recipient-address": "bob@example.com", body: "W".repeat(400) });
  await untilState(page, "Archived");
  await page.locator("#mail-content pre").waitFor();
  await page.locator("#mail-content summary").click();
  await fits();
});

test("page can be used with the keyboard alone", async (page) => {
  const focused = () => page.evaluate(() => document.activeElement?.id ?? "");
  const tabTo = async (isThere: (id: string) => boolean) => {
    for (let step = 0; step < 60; step++) {
      if (isThere(await focused())) return;
      await page.keyboard.press("Tab");
    }
    throw new Error("The tabulator key does not lead there");
  };
  await page.keyboard.press("Tab");
  equal(await focused(), "skip");
  await tabTo((id) => id === "subject");
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type("By keyboard");
  await page.keyboard.press("Enter");
  await untilState(page, "Archived");

  // The list of the spans is one stop; the arrow keys walk in it.
  await page.locator("#skip").focus();
  await page.keyboard.press("Enter");
  equal(await focused(), "journey");
  ok(page.url().includes("#trace="), "the skip link leaves the email alone");
  const current = () =>
    page.evaluate(() => document.activeElement?.querySelector(".title")?.textContent ?? "");
  for (let step = 0; step < 20 && await current() === ""; step++) await page.keyboard.press("Tab");
  equal(await current(), "schedule-email");
  await page.keyboard.press("ArrowDown");
  equal(await current(), "amqp-publish");
  await page.keyboard.press("Enter");
  await page.locator("#span-details h2", { hasText: "amqp-publish" }).waitFor();
  await page.keyboard.press("End");
  equal(await current(), "delete-message");
  await page.keyboard.press("Home");
  equal(await current(), "schedule-email");

  // The recent emails are links.
  const link = page.locator("#emails a").first();
  await link.focus();
  equal(await link.evaluate((target) => getComputedStyle(target).outlineStyle), "solid");
  await page.keyboard.press("Enter");
  await untilState(page, "Archived");
});

test("page moves nothing for those who want that", async (page) => {
  await sendEmail(page);
  await untilState(page, "Archived");
  equal(await page.evaluate(() => document.getAnimations().length), 0);
}, { context: { reducedMotion: "reduce" } });

test("page of the API has no serious problem of accessibility", async (page) => {
  await page.getByRole("link", { name: "API" }).click();
  await page.getByRole("heading", { name: "POST /email" }).waitFor();
  for (const details of await page.locator("summary").all()) await details.click();
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    deepEqual(await seriousProblems(page), []);
  }
});
