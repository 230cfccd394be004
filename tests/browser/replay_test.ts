import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import type { Page } from "playwright-core";
import { waitFor } from "./testing/conditions.ts";
import { edge, node, sendOneThat, sendUntil, untilLit, untilState } from "./testing/page_parts.ts";
import { setStage } from "./testing/stage.ts";

const test = setStage();

const moment = (page: Page) => page.getByRole("slider", { name: "Moment of the replay" });

async function goTo(page: Page, place: number): Promise<void> {
  await moment(page).fill(String(place));
}

async function envelope(page: Page): Promise<{ readonly x: number; readonly isShown: boolean }> {
  return await page.locator(".envelope:visible, .map.wide .envelope").first().evaluate((path) => ({
    x: Number(/translate\(([\d.]+)/.exec(path.getAttribute("transform") ?? "")?.[1]),
    isShown: path.getAttribute("visibility") === "visible",
  }));
}

test("page plays an example on arrival, once", async ({ page }) => {
  const pill = page.locator(".replay .pill");
  equal(await pill.innerText(), "Example");
  await untilState(page, "Sending, attempt 1");
  const before = await envelope(page);
  ok(before.isShown);
  await untilState(page, "Waits 1 s before attempt 2");
  await untilLit(node(page, "mailtrap"), "failed");
  ok((await envelope(page)).isShown);
  await untilState(page, "Archived");
  await page.getByRole("button", { name: "Play" }).waitFor();
  equal((await envelope(page)).isShown, false);
});

test("page moves nothing for those who want that, but goes step by step", async ({ page }) => {
  const icon = () => page.locator('link[rel="icon"]').getAttribute("href");
  await untilState(page, "Archived");
  await page.getByRole("button", { name: "Play" }).click();
  await untilState(page, "Archived");
  equal(await page.title(), "Tracing Playground");
  const before = await icon();
  await sendUntil(page, "Archived");
  equal(await page.evaluate(() => document.getAnimations().length), 0);
  match(await page.title(), /^Archived: [0-9a-f]{4}, Tracing Playground$/);
  match(await page.locator(".map:visible").getAttribute("aria-label") ?? "", /^Archived\. /);
  notEqual(await icon(), before);
  const states = new Set<string>();
  for (let place = 0; place <= 1_000; place += 20) {
    await goTo(page, place);
    states.add(await page.locator("#state-title").innerText());
  }
  // The message may be in the queue for too short a time to be met there.
  states.delete("Queued");
  deepEqual([...states], ["Accepted", "Sending, attempt 1", "Delivered", "Archived"]);

  await goTo(page, 0);
  await untilLit(node(page, "mongodb"), "idle");
  equal(await page.locator(".replay .pill").innerText(), "Replay");
  equal(await edge(page, "mail-poller>mongodb").locator(".time").textContent(), "");
  await page.locator("body").press("ArrowRight");
  ok(Number(await moment(page).inputValue()) > 0);
  await moment(page).press("End");
  await untilState(page, "Archived");
  equal(await page.locator(".replay .pill").innerText(), "Now");
}, { context: { reducedMotion: "reduce" } });

test("page plays a finished journey, slowly if that is wanted, and stops", async ({ page }) => {
  await sendUntil(page, "Archived");
  const place = async () => Number(await moment(page).inputValue());
  const passedIn = async (speed: string) => {
    await page.getByRole("button", { name: speed }).click();
    await goTo(page, 0);
    await page.locator("body").press(" ");
    const from = await place();
    await page.waitForTimeout(400);
    const passed = await place() - from;
    await page.locator("body").press(" ");
    const stopped = await place();
    await page.waitForTimeout(100);
    equal(await place(), stopped);
    return passed;
  };
  const [slow, fast] = [await passedIn("¼×"), await passedIn("4×")];
  ok(slow > 0 && fast > 4 * slow, `${slow} and ${fast}`);
});

test("page lets the envelope travel along the ways as spans arrive", async ({ page }) => {
  await untilState(page, "Archived");
  await page.evaluate(() => {
    const places: number[] = [];
    Reflect.set(globalThis, "places", places);
    const look = () => {
      const path = document.querySelector(".map.wide .envelope");
      if (path?.getAttribute("visibility") === "visible") {
        places.push(Number(/\(([\d.]+)/.exec(path.getAttribute("transform") ?? "")?.[1]));
      }
      requestAnimationFrame(look);
    };
    look();
  });
  await sendUntil(page, "Archived");
  await waitFor(async () => !(await envelope(page)).isShown);
  const places: readonly number[] = await page.evaluate(() => Reflect.get(globalThis, "places"));
  const steps = places.slice(1).map((x, index) => x - (places[index] ?? 0));
  ok(steps.every((step) => step >= 0), "it goes one way");
  ok(new Set(places).size > 20, `it is seen on its way at ${new Set(places).size} places`);
  ok(Math.max(...places) > 1_000, "it gets to MongoDB");
});

test("page moves nothing but what happens, whatever its texts say", async ({ page }) => {
  const tops = () =>
    page.evaluate(() =>
      [".map.wide", ".replay", "#waterfall-card"].map((selector) =>
        document.querySelector(selector)?.getBoundingClientRect().top
      )
    );
  // The button comes with the list of the faults.
  await page.locator("#break").waitFor();
  const before = await tops();
  await sendOneThat(page, "is told “try later”", "Accepted");
  deepEqual(await tops(), before);
  for (const title of ["Waits 1 s", "Waits 5 s", "Waits 30 s"]) {
    await untilState(page, title);
    deepEqual(await tops(), before, title);
  }
});
