import { equal, notEqual, ok } from "node:assert/strict";
import { report, spanOf } from "./testing/dev_system.ts";
import { fits, isAccessible } from "./testing/looks.ts";
import {
  addressOf,
  sendEmail,
  sendOneThat,
  sendUntil,
  showTrace,
  untilState,
} from "./testing/page_parts.ts";
import { setStage } from "./testing/stage.ts";

const test = setStage();

test("page has no serious problem of accessibility, light or dark", async ({ page }) => {
  await page.locator(".row", { hasText: "send-email" }).first().click();
  await isAccessible(page, [375, 1280]);
  await page.click("#break");
  await page.getByRole("radio", { name: "Zipkin is slow" }).check();
  await page.getByRole("button", { name: "Break it" }).click();
  await page.locator("#active-faults li").waitFor();
  await isAccessible(page);
  await page.getByRole("button", { name: "Mend everything" }).click();
  await page.keyboard.press("Escape");
  await sendOneThat(page, "is told “try later”", "Waits");
  await isAccessible(page);
  await sendEmail(page, { "recipient-address": "nobody" });
  await page.locator("[aria-invalid]").waitFor();
  await sendOneThat(page, "is refused", "Dead letter");
  await page.locator(".row").first().click();
  await isAccessible(page);
  await sendUntil(page, "Archived", { "recipient-address": "bob@example.com" });
  await page.locator("#mail-content pre").waitFor();
  await isAccessible(page);
}, { context: { reducedMotion: "reduce" }, expected: /status of 422/ });

test("page fits windows from 320 to 1920 pixels wide", async ({ page, system }) => {
  await page.locator(".row").first().click();
  await fits(page);
  await page.setViewportSize({ width: 1280, height: 900 });
  const top = await page.locator(".top").boundingBox();
  ok(top !== null && top.height < 60, "the top is one line");
  const [send, last] = await Promise.all(["#send", "#break"].map(async (button) => {
    const { y = NaN, height = NaN } = await page.locator(button).boundingBox() ?? {};
    return y + height / 2;
  }));
  equal(send, last, "the form is one line");
  await sendUntil(page, "Dead letter", {
    "recipient-address": `bounce+550+unbreakable@${`${"unbreakable".repeat(5)}.`.repeat(4)}com`,
    subject: "W".repeat(300),
  });
  await page.locator(".row").first().hover();
  await fits(page);
  const tags = { error: "error".repeat(50), ["tag".repeat(50)]: "value".repeat(50) };
  const span = spanOf("service".repeat(50), { name: "span".repeat(50), tags });
  await report(system, [span]);
  await showTrace(page, span.traceId);
  await page.locator(".row").first().click();
  await page.locator("#span-details").waitFor();
  await fits(page);
  await page.setViewportSize({ width: 1280, height: 900 });
  const value = await page.locator(".tags .value").first().boundingBox();
  ok((value?.width ?? 0) > 90, "a long name leaves room for its value");
  await sendUntil(page, "Archived", {
    "recipient-address": "bob@example.com",
    body: "W".repeat(400),
  });
  await page.locator("#mail-content pre").waitFor();
  await page.locator("#mail-content summary").click();
  await fits(page);
});

test("page gives large type the layout of a narrow window", async ({ page }) => {
  const session = await page.context().newCDPSession(page);
  await session.send("Page.setFontSizes", { fontSizes: { standard: 32 } });
  await page.locator(".row").first().waitFor();
  const parts = ["#waterfall-card", ".dock"].map((part) => page.locator(part).boundingBox());
  const [waterfall, details] = await Promise.all(parts);
  ok((waterfall?.y ?? NaN) + (waterfall?.height ?? NaN) <= (details?.y ?? NaN));
  ok((waterfall?.width ?? NaN) > 1_000);
});

test("page draws its bars and choices in the colours of a system, too", async ({ page }) => {
  const ground = (selector: string) =>
    page.locator(selector).first().evaluate((part) => getComputedStyle(part).backgroundColor);
  const canvas = await ground("body");
  for (const part of [".bar.own", ".critical", ".scrub .fail", '.seg [aria-pressed="true"]']) {
    notEqual(await ground(part), canvas, part);
  }
}, { context: { forcedColors: "active", colorScheme: "dark" } });

test("page can be used with the keyboard alone", async ({ page }) => {
  const focused = () => page.evaluate(() => document.activeElement?.id ?? "");
  const title = () =>
    page.evaluate(() => document.activeElement?.querySelector(".title")?.textContent ?? "");
  const tabUntil = async (isThere: () => Promise<boolean>) => {
    for (let step = 0; !await isThere(); step++) {
      ok(step < 60, "the tabulator key leads there");
      await page.keyboard.press("Tab");
    }
  };
  await page.keyboard.press("Tab");
  equal(await focused(), "skip");
  await tabUntil(async () => await focused() === "subject");
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type("By keyboard");
  await page.keyboard.press("Enter");
  // Until then, the state is the example's.
  await page.waitForURL(/#trace=/);
  await untilState(page, "Archived");

  // The list of the spans is one stop of the Tab key; the arrow keys move within it.
  await page.locator("#skip").focus();
  await page.keyboard.press("Enter");
  await page.locator("#journey:focus").waitFor();
  ok((await addressOf(page)).href.includes("#trace="), "the skip link leaves the email alone");
  await tabUntil(async () => await title() !== "");
  equal(await title(), "schedule-email");

  // The recent emails are links.
  const link = page.locator("#emails a").first();
  await link.focus();
  equal(await link.evaluate((target) => getComputedStyle(target).outlineStyle), "solid");
  await page.keyboard.press("Enter");
  await untilState(page, "Archived");
});

test("page of the API has no serious problem of accessibility", async ({ page }) => {
  await page.getByRole("link", { name: "API" }).click();
  await page.getByRole("heading", { name: "POST /email" }).waitFor();
  for (const details of await page.locator("summary").all()) await details.click();
  await isAccessible(page);
});
