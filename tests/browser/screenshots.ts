/**
 * Takes the pictures of the page for the README: `deno task --cwd tests/browser screenshots`. It starts a system of its own.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import sharp from "sharp";
import { type PageOptions, startBrowser, withPage } from "./testing/browser.ts";
import { clearFaults, startDevSystem } from "./testing/dev_system.ts";
import { fillPast, sendOneOfEachKind } from "./testing/past_emails.ts";
import { sendOneThat, sendUntil, untilState } from "./testing/page_parts.ts";

/** The largest picture, since each clone of the project downloads it. */
const MAX_BYTES = 220_000;

const DIRECTORY = fileURLToPath(new URL("../../server/page/screenshots/", import.meta.url));
const DESKTOP = { width: 1440, height: 900 };

/** The envelope is where the email is. */
const STILL = { reducedMotion: "reduce" } as const;

/** The animation: how many moments of the replay it has, and how long each is shown. */
const [FRAME_COUNT, FRAME_MS, LAST_FRAME_MS] = [34, 200, 3_000];

await Deno.mkdir(DIRECTORY, { recursive: true });
// Long enough to be visible.
await using system = await startDevSystem({ POLL_INTERVAL_SECONDS: "5" });
await using browser = await startBrowser();

const show = (options: PageOptions, use: (page: Page) => Promise<void>) =>
  withPage(browser, system.pageUrl, options, use);

async function takePicture(page: Page, name: string): Promise<void> {
  // The picture shows no hover or focus.
  await page.mouse.move(0, 0);
  const picture = sharp(await page.screenshot({ animations: "disabled" }));
  await write(
    `${name}.png`,
    await picture.png({ palette: true, dither: 0, effort: 10 }).toBuffer(),
  );
}

async function write(file: string, picture: Uint8Array): Promise<void> {
  await Deno.writeFile(DIRECTORY + file, picture);
  console.log(`Wrote ${file} (${picture.length} bytes)`);
  if (picture.length <= MAX_BYTES) return;
  console.error(`Cannot keep ${file}: it has more than ${MAX_BYTES} bytes`);
  Deno.exitCode = 1;
}

async function takeAnimation(page: Page, name: string): Promise<void> {
  await untilState(page, "Archived");
  const journey = page.locator("#journey");
  const moment = page.getByRole("slider", { name: "Moment of the replay" });
  const frames: Uint8Array[] = [];
  for (let frame = 0; frame <= FRAME_COUNT; frame++) {
    await moment.fill(String(Math.round(frame / FRAME_COUNT * 1_000)));
    frames.push(await journey.screenshot({ animations: "disabled" }));
  }
  const delay = frames.map((_, index) => index === FRAME_COUNT ? LAST_FRAME_MS : FRAME_MS);
  const animation = sharp(frames, { join: { animated: true } }).webp({ delay, loop: 0, effort: 6 });
  await write(`${name}.webp`, await animation.toBuffer());
}

for (const colorScheme of ["light", "dark"] as const) {
  await show({ context: { viewport: DESKTOP, colorScheme, ...STILL } }, async (page) => {
    await sendUntil(page, "Archived");
    await page.locator("#mail-content pre").waitFor();
    await takePicture(page, `archived-${colorScheme}`);
  });
}

await show({ context: { viewport: DESKTOP, ...STILL } }, async (page) => {
  await sendOneThat(page, "is told “try later”", "Waits 30 s");
  await takePicture(page, "retry");
});

const small = { viewport: { width: 1000, height: 700 }, ...STILL };
await show({ context: small }, (page) => takeAnimation(page, "journey"));

const dark = { viewport: DESKTOP, colorScheme: "dark", ...STILL } as const;
await show({ path: "/?present", context: dark }, async (page) => {
  await page.getByRole("button", { name: "Mailtrap says: try later" }).click();
  await page.locator(".replay .pill", { hasText: "Now" }).waitFor();
  await untilState(page, "Waits 30 s");
  await takePicture(page, "presenter");
});

await clearFaults(system);
const [archived = "", retried = "", dead = ""] = await sendOneOfEachKind(system);
const mixture = [...Array<string>(14).fill(archived), retried, retried, dead];
const nowMs = Date.now();
await fillPast(system, mixture, 220, { fromMs: nowMs - 14 * 60_000, toMs: nowMs - 60_000 });
// A minute in which Mailtrap defers mails.
const busy = { fromMs: nowMs - 7 * 60_000, toMs: nowMs - 5.5 * 60_000 };
await fillPast(system, [archived, retried, retried, dead], 60, busy);

for (const colorScheme of ["light", "dark"] as const) {
  const path = `/#view=explore&from=${busy.fromMs}&to=${busy.toMs}`;
  await show({ path, context: { viewport: DESKTOP, colorScheme } }, async (page) => {
    await page.locator("#range-words", { hasText: /^\d\d+ emails in 1m 30s$/ }).waitFor();
    await page.locator("#explore-list tbody tr").nth(20).waitFor();
    await page.locator("#explore-status:empty").waitFor({ state: "attached" });
    await takePicture(page, `explore-${colorScheme}`);
  });
}
