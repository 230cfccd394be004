import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import type { Page } from "playwright-core";
import { waitFor } from "./testing/conditions.ts";
import {
  edge,
  node,
  sendOneThat,
  sendUntil,
  untilLit,
  untilRows,
  untilState,
} from "./testing/page_parts.ts";
import { setStage } from "./testing/stage.ts";

const test = setStage();

/** The way in the wide picture, in its own units; its edges, and the time that each takes. */
const [BROKER_X, MONGODB_X, EDGE_COUNT, EDGE_MS] = [422, 1_134, 4, 300];

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
  // Each frame: a state may be shown for less time than it takes to ask for it.
  await page.addInitScript(() => {
    const seen = new Set<string>();
    Reflect.set(globalThis, "seen", seen);
    const look = () => {
      const title = document.getElementById("state-title")?.textContent;
      const mailtrap = document.querySelector('.map.wide [data-node="mailtrap"]');
      const envelope = document.querySelector(".map.wide .envelope");
      seen.add(
        [title, mailtrap?.getAttribute("data-state"), envelope?.getAttribute("visibility")].join(),
      );
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  await page.reload();
  await page.getByRole("button", { name: "Pause" }).waitFor();
  await page.getByRole("button", { name: "Play" }).waitFor();
  await untilState(page, "Archived");
  const seen: readonly string[] = await page.evaluate(() => [...Reflect.get(globalThis, "seen")]);
  ok(seen.some((one) => /^Sending, attempt 1,.*,visible$/.test(one)), seen.join("\n"));
  ok(seen.includes("Waits 1 s before attempt 2,failed,visible"), seen.join("\n"));
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
  await untilRows(page, "schedule-email", "poll-email");
  equal(await page.evaluate(() => document.getAnimations().length), 0);
  match(await page.title(), /^Archived: [0-9a-f]{4}, Tracing Playground$/);
  match(await page.locator(".map:visible").getAttribute("aria-label") ?? "", /^Archived\. /);
  notEqual(await icon(), before);
  const states = new Set<string>();
  // In the middle of each leg, however short it is, and between.
  const middles = await page.locator(".scrub > i:not(.knob)").evaluateAll((legs) =>
    legs.map(({ style: { left, width } }) => 10 * (parseFloat(left) + parseFloat(width) / 2))
  );
  const places = [...Array.from({ length: 51 }, (_, index) => 20 * index), ...middles];
  for (const place of places.toSorted((a, b) => a - b)) {
    await goTo(page, Math.round(place));
    states.add(await page.locator("#state-title").innerText());
  }
  // The message may be in the queue too briefly to be found there.
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
  await untilRows(page, "schedule-email", "poll-email");
  const place = async () => Number(await moment(page).inputValue());
  const frames = (count: number) =>
    page.evaluate(async (count) => {
      for (; count > 0; count--) await new Promise(requestAnimationFrame);
    }, count);
  /** Measures how far it goes in a millisecond, and stops it. */
  const measured = () =>
    moment(page).evaluate(async (slider) => {
      const look = async () => {
        await new Promise(requestAnimationFrame);
        const place = slider instanceof HTMLInputElement ? Number(slider.value) : NaN;
        return { place, ms: performance.now() };
      };
      let [first, last] = [await look(), await look()];
      while (first.place === 0) first = last = await look();
      while (last.place < Math.min(1_000, first.place + 30)) last = await look();
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key: " ", bubbles: true }));
      return (last.place - first.place) / (last.ms - first.ms);
    });
  const speedAt = async (name: string) => {
    await page.getByRole("button", { name }).click();
    await goTo(page, 0);
    const [speed] = await Promise.all([measured(), page.locator("body").press(" ")]);
    const stopped = await place();
    await frames(10);
    equal(await place(), stopped);
    return speed;
  };
  const [slow, fast] = [await speedAt("¼×"), await speedAt("4×")];
  ok(slow > 0 && fast > 4 * slow, `${slow} and ${fast}`);
});

test("page lets the envelope travel along the ways as spans arrive", async ({ page }) => {
  await untilState(page, "Archived");
  // The example's envelope goes its last step.
  await waitFor(async () => !(await envelope(page)).isShown);
  await page.evaluate(() => {
    const path = document.querySelector(".map.wide .envelope");
    if (path === null) throw new Error("no envelope");
    const places: { x: number; ms: number }[] = [];
    Reflect.set(globalThis, "places", places);
    // The time that the place is of: it may be observed later.
    const now = performance.now.bind(performance);
    let ms = 0;
    performance.now = () => ms = now();
    const look = () => {
      const x = Number(/\(([\d.]+)/.exec(path.getAttribute("transform") ?? "")?.[1]);
      places.push({ x, ms });
    };
    new MutationObserver(look).observe(path, { attributes: true });
  });
  await sendUntil(page, "Archived");
  await waitFor(async () => !(await envelope(page)).isShown);
  const places: readonly { readonly x: number; readonly ms: number }[] = await page.evaluate(() =>
    Reflect.get(globalThis, "places")
  );
  equal(places[0]?.x, BROKER_X);
  equal(places.at(-1)?.x, MONGODB_X);
  for (const [index, { x, ms }] of places.slice(1).entries()) {
    const before = places[index] ?? { x: NaN, ms: NaN };
    ok(x >= before.x, "it goes one way");
    const passedMs = ms - before.ms;
    const farthest = passedMs / EDGE_MS * (MONGODB_X - BROKER_X) / EDGE_COUNT + 1;
    ok(x - before.x <= farthest, `it goes from ${before.x} to ${x} within ${passedMs} ms`);
  }
});

test("page moves nothing but what happens, whatever its texts say", async ({ page }) => {
  // The button comes with the list of the faults.
  await page.locator("#break").waitFor();
  await page.evaluate(() => {
    const journey = document.getElementById("journey");
    if (journey === null) throw new Error("no journey");
    const seen = new Map<string, string>();
    Reflect.set(globalThis, "seen", seen);
    const look = () => {
      const tops = [".map.wide", ".replay", "#waterfall-card"].map((selector) =>
        document.querySelector(selector)?.getBoundingClientRect().top
      );
      const title = document.getElementById("state-title")?.textContent ?? "";
      seen.set(tops.join(), `${seen.get(tops.join()) ?? ""}${title}; `);
    };
    look();
    // No state is too short for it.
    new MutationObserver(look)
      .observe(journey, { childList: true, characterData: true, subtree: true });
  });
  await sendOneThat(page, "is told “try later”", "Waits 30 s");
  const seen: readonly (readonly [tops: string, titles: string])[] = await page.evaluate(
    () => [...Reflect.get(globalThis, "seen")],
  );
  equal(seen.length, 1, JSON.stringify(seen));
  match(seen[0]?.[1] ?? "", /Accepted; .*Waits 5 s before attempt 3; .*Waits 30 s before/);
});
