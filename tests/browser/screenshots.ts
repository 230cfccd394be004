/**
 * Takes the pictures of the page for the README: `deno task --cwd tests/browser screenshots`. It starts a system of its own.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { animatedPng, type Frame } from "./testing/animated_png.ts";
import { startBrowser, withPage } from "./testing/browser.ts";
import { startDevSystem } from "./testing/dev_system.ts";
import { sendEmail, sendOneThat, untilState } from "./testing/page_parts.ts";

/** What a picture may have, since each clone of the project downloads it. */
const MAX_BYTES = 220_000;
const MAX_ANIMATION_BYTES = 2_000_000;

const DIRECTORY = fileURLToPath(new URL("../../server/page/screenshots/", import.meta.url));
const DESKTOP = { width: 1440, height: 900 };

/** The animation: how many moments of the replay it has, and how long each is seen. */
const [FRAME_COUNT, FRAME_MS, LAST_FRAME_MS] = [34, 200, 3_000];

await Deno.mkdir(DIRECTORY, { recursive: true });
// A wait long enough to be seen.
await using system = await startDevSystem({ POLL_INTERVAL_SECONDS: "5" });
await using browser = await startBrowser();

async function takePicture(page: Page, name: string): Promise<void> {
  // What the pointer or the focus marks is not for the picture.
  await page.mouse.move(0, 0);
  const path = `${DIRECTORY}${name}.png`;
  const { length } = await page.screenshot({ path, animations: "disabled" });
  report(name, length, MAX_BYTES);
}

function report(name: string, length: number, maxBytes: number): void {
  console.log(`Wrote ${name}.png (${length} bytes)`);
  if (length <= maxBytes) return;
  console.error(`Cannot keep ${name}.png: it has more than ${maxBytes} bytes`);
  Deno.exitCode = 1;
}

/** Goes through the example, moment by moment. */
async function takeAnimation(page: Page, name: string): Promise<void> {
  await untilState(page, "Archived");
  const journey = page.locator("#journey");
  const moment = page.getByRole("slider", { name: "Moment of the replay" });
  const frames: Frame[] = [];
  for (let frame = 0; frame <= FRAME_COUNT; frame++) {
    await moment.fill(String(Math.round(frame / FRAME_COUNT * 1_000)));
    const isLast = frame === FRAME_COUNT;
    frames.push({
      png: await journey.screenshot({ animations: "disabled" }),
      forMs: isLast ? LAST_FRAME_MS : FRAME_MS,
    });
  }
  const animation = animatedPng(frames);
  await Deno.writeFile(`${DIRECTORY}${name}.png`, animation);
  report(name, animation.length, MAX_ANIMATION_BYTES);
}

for (const colorScheme of ["light", "dark"] as const) {
  const context = { viewport: DESKTOP, colorScheme };
  await withPage(browser, system.pageUrl, { context }, async (page) => {
    await sendEmail(page);
    await untilState(page, "Archived");
    await page.locator("#mail-content pre").waitFor();
    await takePicture(page, `archived-${colorScheme}`);
  });
}

await withPage(browser, system.pageUrl, { context: { viewport: DESKTOP } }, async (page) => {
  await sendOneThat(page, "is told “try later”");
  await untilState(page, "Waits 30 s");
  await takePicture(page, "retry");
});

const small = { viewport: { width: 1000, height: 700 }, reducedMotion: "reduce" } as const;
await withPage(
  browser,
  system.pageUrl,
  { context: small },
  (page) => takeAnimation(page, "journey"),
);

await withPage(browser, system.pageUrl, {
  path: "/?present",
  context: { viewport: DESKTOP, colorScheme: "dark" },
}, async (page) => {
  await page.getByRole("button", { name: "Mailtrap says: try later" }).click();
  await page.locator(".replay .pill", { hasText: "Now" }).waitFor();
  await untilState(page, "Waits 30 s");
  await takePicture(page, "presenter");
});
