import { equal } from "node:assert/strict";
import { addressOf, sendUntil, untilState } from "./testing/page_parts.ts";
import { setStage } from "./testing/stage.ts";

const API_TOKEN = "s3cret-t0ken";

const test = setStage({ API_TOKEN });

test("page asks until it has the token, keeps it for the tab, and sends it", async ({ page }) => {
  const dialog = page.getByRole("dialog", { name: "This server asks for a token" });
  await dialog.waitFor();
  for (let press = 0; press < 4; press++) {
    await page.keyboard.press("Escape");
    // The browser closes it in a task of its own.
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
  }
  await dialog.getByLabel("Token").fill("wrong");
  await dialog.getByRole("button", { name: "Continue" }).click();
  await dialog.getByText("does not take this token").waitFor();
  await dialog.getByLabel("Token").fill(API_TOKEN);
  await page.keyboard.press("Enter");
  await dialog.waitFor({ state: "hidden" });
  await sendUntil(page, "Archived");
  await page.locator("#mail-content pre").waitFor();

  await page.reload();
  await untilState(page, "Archived");
  equal(await dialog.isVisible(), false);
  equal((await addressOf(page)).href.includes(API_TOKEN), false);
  equal(await page.evaluate(() => localStorage.length), 0);
}, { expected: /status of 401/ });
