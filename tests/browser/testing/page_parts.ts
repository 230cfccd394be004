import type { Locator, Page } from "playwright-core";

/** Waits until the email that is shown is in a state. */
export async function untilState(page: Page, title: string): Promise<void> {
  await page.locator("#state-title", { hasText: new RegExp(`^${title}`) }).waitFor();
}

export async function sendEmail(
  page: Page,
  fields: Readonly<Record<string, string>> = {},
): Promise<void> {
  const form = page.locator("#compose");
  if (await form.and(page.locator(".open")).count() === 0) await page.click("#more");
  for (const [id, value] of Object.entries(fields)) await page.fill(`#${id}`, value);
  await untilAnswered(page, () => page.click("#send"));
}

/** Sends an email by one of the buttons that say what becomes of it. */
export async function sendOneThat(page: Page, becomes: string): Promise<void> {
  await untilAnswered(page, () => page.getByRole("button", { name: becomes }).click());
}

/** Until the page shows what it has sent, and no longer what was there before. */
async function untilAnswered(page: Page, send: () => Promise<void>): Promise<void> {
  const answer = page.waitForResponse((response) => new URL(response.url()).pathname === "/email");
  await send();
  await (await answer).finished();
  await page.locator('#send[aria-disabled="false"]').waitFor();
}

/** A party of the diagram that can be seen. */
export function node(page: Page, id: string): Locator {
  return page.locator(`[data-node="${id}"]:visible`);
}

/** A way of the diagram that can be seen. */
export function edge(page: Page, id: string): Locator {
  return page.locator(`[data-edge="${id}"]:visible`);
}

export async function untilLit(part: Locator, state: string): Promise<void> {
  await part.and(part.page().locator(`[data-state="${state}"]`)).waitFor();
}
