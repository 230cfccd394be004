import { Buffer } from "node:buffer";
import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Page } from "playwright-core";
import { fits, isAccessible } from "./testing/looks.ts";
import {
  addressOf,
  sayEach,
  says,
  sendOneThat,
  untilRows,
  untilState,
} from "./testing/page_parts.ts";
import { setStage } from "./testing/stage.ts";

const test = setStage();

const TRACE_ID = "5af7183fb1d4cf5f";
/** A trace of other services. */
const SPANS = [
  {
    traceId: TRACE_ID,
    id: "1",
    kind: "CLIENT",
    name: "get /checkout",
    timestamp: 1_796_040_000_000_000,
    duration: 120_000,
    localEndpoint: { serviceName: "frontend" },
  },
  {
    traceId: TRACE_ID,
    id: "2",
    parentId: "1",
    name: '<b onclick="x">&\u0001',
    timestamp: 1_796_040_000_010_000,
    duration: 95_000,
    tags: { error: "deadlock", "shop.cart": "7" },
    annotations: [{ timestamp: 1_796_040_000_020_000, value: "cache miss" }],
    localEndpoint: { serviceName: "shop" },
  },
];
const FOREIGN = JSON.stringify(SPANS);

async function openText(page: Page, text: string): Promise<void> {
  await page.click("#open-trace");
  await page.fill("textarea[name=trace]", text);
  await page.locator("dialog").getByRole("button", { name: "Open" }).click();
}

async function drop(page: Page, name: string, text: string): Promise<void> {
  await page.evaluate(([name = "", text = ""]) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([text], name));
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true }));
  }, [name, text]);
}

/** The browser says in a task of its own that it has closed a dialog. */
async function escape(page: Page): Promise<void> {
  await page.keyboard.press("Escape");
  await page.locator("dialog").waitFor({ state: "detached" });
}

async function exported(page: Page, form: string): Promise<string> {
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export" }).click();
  await page.getByRole("button", { name: form, exact: true }).click();
  return await (await download).path();
}

const names = (page: Page) => page.locator("#waterfall .title").allInnerTexts();

test("page shows a trace of other services as what it is: no journey, no state", async ({ page }) => {
  await openText(page, FOREIGN);
  await untilState(page, "A trace of 2 spans of 2 services");
  await says(page.locator("#state-explanation"), /^No email is sent in it\.$/);
  match(await page.title(), /^A trace of 2 spans of 2 services: 0000, /);
  deepEqual(await page.locator(".legend .services button").allInnerTexts(), [
    "f\nfrontend",
    "s\nshop",
  ]);
  equal(await page.locator(".map, .replay").count(), 0);
  deepEqual(await names(page), ["get /checkout", '<b onclick="x">&\u0001']);
  await says(page.locator(".facts"), /from pasted JSON/);
  const [left = 0, right = 0] = await Promise.all(
    [0, 1].map(async (index) =>
      (await page.locator(".row .bar").nth(index).boundingBox())?.width ?? 0
    ),
  );
  ok(left > 20 && right > 20, "bars without a colour of ours can be seen");
  ok(
    await page.locator(".row .bar.own").first().evaluate((bar) =>
      getComputedStyle(bar).backgroundColor !== "rgba(0, 0, 0, 0)"
    ),
  );
  await page.locator(".row", { hasText: "onclick" }).click();
  for (const hasText of ["shop.cart", "cache miss", "deadlock"]) {
    await page.locator("#span-details", { hasText }).waitFor();
  }
  equal(await page.locator("#compare-button").count(), 0, "it is not in the collector");
  await isAccessible(page);
  const svg = await Deno.readTextFile(await exported(page, "SVG"));
  const texts = await page.evaluate((svg) => {
    const { documentElement } = new DOMParser().parseFromString(svg, "image/svg+xml");
    return [...documentElement.querySelectorAll("text, parsererror")].map((text) =>
      text.textContent
    );
  }, svg);
  ok(texts.includes('<b onclick="x">&\ufffd'), texts.join());
  ok(svg.includes('fill="rgb(23, 27, 36)"'), "the dark surface");
  await fits(page);
  await page.goBack();
  await page.locator(".map:visible").waitFor();
});

test("page opens a file that is dropped on it, chosen, or pasted", async ({ page }) => {
  await drop(page, "theirs.json", FOREIGN);
  await untilState(page, "A trace of 2 spans");
  await says(page.locator(".facts"), /from theirs\.json/);
  await page.goto("about:blank");
  await page.goBack();
  await page.click("#open-trace");
  await page.setInputFiles("input[type=file]", {
    name: "chosen.json",
    mimeType: "application/json",
    buffer: Buffer.from(JSON.stringify([SPANS])),
  });
  await page.locator(".facts", { hasText: "from chosen.json" }).waitFor();
  await page.evaluate((text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
  }, FOREIGN);
  await page.locator(".facts", { hasText: "from pasted JSON" }).waitFor();

  // Back leads to the file before; a reload forgets it.
  await drop(page, "later.json", FOREIGN.replace("get /checkout", "get /later"));
  await page.locator("#waterfall .title", { hasText: "get /later" }).waitFor();
  await page.goBack();
  await page.locator(".facts", { hasText: "from pasted JSON" }).waitFor();
  equal((await names(page))[0], "get /checkout");
  await page.reload();
  await page.locator(".replay .pill", { hasText: "Example" }).waitFor();
  equal(await page.locator(".facts").getByText("from").count(), 0);
});

test("page says why it cannot open something, and keeps what it shows", async ({ page }) => {
  await openText(page, "hello");
  await page.locator("#open-message", { hasText: "Give a trace id" }).waitFor();
  await page.fill("textarea[name=trace]", '[{"id":"1"}]');
  await page.locator("dialog .primary").click();
  await page.locator("#open-message", { hasText: "span 1 is not Zipkin's: traceId:" }).waitFor();
  await isAccessible(page);
  await escape(page);
  await drop(page, "picture.png", "\u0089PNG");
  await page.locator("#open-message", { hasText: "Give a trace id" }).waitFor();
  await escape(page);
  // As a browser fails for a folder.
  await page.evaluate(() => File.prototype.text = () => Promise.reject(new Error("not a file")));
  await drop(page, "folder", "");
  await page.locator("#open-message", { hasText: "Cannot read folder: not a file" }).waitFor();
  await escape(page);
  ok((await names(page)).includes("schedule-email"));
}, { expected: /status of 400/ });

test("page opens a trace by its id and by an address, and exports what it shows", async ({ page, system: { variables } }) => {
  await sendOneThat(page, "is refused", "Dead letter");
  const address = (await addressOf(page)).href;
  const traceId = /trace=([0-9a-f]+)/.exec(address)?.[1] ?? "";
  await untilRows(page, "schedule-email");
  const shown = await names(page);
  const zipkins = `${variables.ZIPKIN_URL}/zipkin/traces/${traceId.toUpperCase()}`;
  for (const text of [traceId, address, zipkins]) {
    await page.evaluate(() => location.hash = "");
    await page.locator(".pill", { hasText: "Example" }).waitFor();
    await openText(page, text);
    await untilState(page, "Dead letter");
    equal((await addressOf(page)).hash.startsWith(`#trace=${traceId}`), true);
  }

  await page.locator(".row").first().click();
  const svgButton = page.getByRole("button", { name: "SVG" });
  const leaving = [() => page.keyboard.press("Escape"), () => page.click("#waterfall-title")];
  for (const leave of leaving) {
    await page.getByRole("button", { name: "Export" }).click();
    await svgButton.waitFor();
    await leave();
    await svgButton.waitFor({ state: "hidden" });
    equal(await page.locator("#span-details").count(), 1, "Escape only closes what is above");
  }
  const svg = await Deno.readTextFile(await exported(page, "SVG"));
  match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  match(svg, /<title>Dead letter: [0-9a-f]{4}, \d+ spans in /);
  for (const name of shown) ok(svg.includes(`>${name}</text>`), name);
  ok(!/<script|<style|href=|url\(|var\(|light-dark/.test(svg), "it stands alone");
  const png = await Deno.readFile(await exported(page, "PNG"));
  equal(new TextDecoder().decode(png.slice(1, 4)), "PNG");
  ok(png.length > 10_000, `${png.length} bytes`);

  const json = await Deno.readTextFile(await exported(page, "JSON"));
  await drop(page, "mine.json", json);
  await page.locator(".facts", { hasText: "from mine.json" }).waitFor();
  await untilState(page, "Dead letter");
  deepEqual(await names(page), shown);
  equal(await page.locator(".map:visible").count(), 1);
  deepEqual(JSON.parse(await Deno.readTextFile(await exported(page, "JSON"))), JSON.parse(json));
});

test("page keeps each wait of a long journey in its place, on a phone as well", async ({ page }) => {
  const span = (name: string, number: number, facts: object) => ({
    traceId: TRACE_ID,
    id: String(number),
    name,
    timestamp: 1_796_040_000_000_000 + number * 1_000_000,
    duration: 9_000,
    localEndpoint: { serviceName: "emailer" },
    ...facts,
  });
  const waits = ["1s", "5s", "30s", "2m", "10m", "500ms"];
  const retries = waits.map((delay, index) =>
    span("amqp-retry", index + 2, {
      parentId: "1",
      tags: { "messaging.destination": `send-email.retry.${delay}` },
    })
  );
  await openText(page, JSON.stringify([span("schedule-email", 1, { kind: "SERVER" }), ...retries]));
  const pills = page.locator(".wait-pill:visible");
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 900 });
    await page.locator(".map:visible").waitFor();
    await sayEach(pills, ["1 s", "5 s", "30 s", "2 min", "10 min", "500 ms"]);
    const map = await page.locator(".map:visible").boundingBox();
    let before = { x: 0, y: 0, width: 0, height: 0 };
    for (const pill of await pills.all()) {
      const [box, text] = await Promise.all(
        ["rect", "text"].map((part) => pill.locator(part).first().boundingBox()),
      );
      ok(map !== null && box && text);
      ok(text.x >= box.x && text.x + text.width <= box.x + box.width, "the text is in its box");
      ok(box.x + box.width <= map.x + map.width, "the box is in the picture");
      ok(box.x >= before.x + before.width || box.y >= before.y + before.height, "none overlaps");
      before = box;
    }
  }
});
