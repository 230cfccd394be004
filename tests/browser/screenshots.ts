/**
 * Takes the pictures of the page for the README: `deno task --cwd tests/browser screenshots`. It starts a system of its own.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { startBrowser, withPage } from "./testing/browser.ts";
import { startDevSystem } from "./testing/dev_system.ts";
import { sendEmail, untilState } from "./testing/page_parts.ts";

/** What a picture may have, since each clone of the project downloads it. */
const MAX_BYTES = 150_000;

const DIRECTORY = fileURLToPath(new URL("../../server/page/screenshots/", import.meta.url));
const DESKTOP = { width: 1280, height: 790 };

await Deno.mkdir(DIRECTORY, { recursive: true });
// A wait long enough to be seen.
await using system = await startDevSystem({ POLL_INTERVAL_SECONDS: "5" });
await using browser = await startBrowser();

async function takePicture(page: Page, name: string): Promise<void> {
  // What the pointer or the focus marks is not for the picture.
  await page.mouse.move(0, 0);
  const path = `${DIRECTORY}${name}.png`;
  const { length } = await page.screenshot({ path, animations: "disabled" });
  console.log(`Wrote ${path} (${length} bytes)`);
  if (length > MAX_BYTES) {
    console.error(`Cannot keep ${name}.png: it has more than ${MAX_BYTES} bytes`);
    Deno.exitCode = 1;
  }
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
  await page.getByRole("button", { name: "is told “try later”" }).click();
  await untilState(page, "Waits 30 s");
  await takePicture(page, "retry");
});
