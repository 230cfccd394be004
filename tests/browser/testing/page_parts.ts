import type { Locator, Page } from "playwright-core";

/**
 * Waits until the email that is shown is in a state.
 *
 * @param page The page.
 * @param title The beginning of the state's title, such as `Archived`.
 */
export async function untilState(page: Page, title: string): Promise<void> {
  await page.locator("#state-title", { hasText: new RegExp(`^${title}`) }).waitFor();
}

/**
 * Sends an email from the form.
 *
 * @param page The page.
 * @param fields What to fill in, by the labels' ids; the rest stays as it is.
 */
export async function sendEmail(
  page: Page,
  fields: Readonly<Record<string, string>> = {},
): Promise<void> {
  for (const [id, value] of Object.entries(fields)) await page.fill(`#${id}`, value);
  await page.click("#send");
}

/**
 * A party of the diagram that can be seen.
 *
 * @param page The page.
 * @param id Its id, such as `mongodb`.
 * @returns The party.
 */
export function node(page: Page, id: string): Locator {
  return page.locator(`[data-node="${id}"]:visible`);
}

/**
 * A way of the diagram that can be seen.
 *
 * @param page The page.
 * @param id Its id, such as `rabbitmq>emailer`.
 * @returns The way.
 */
export function edge(page: Page, id: string): Locator {
  return page.locator(`[data-edge="${id}"]:visible`);
}

/**
 * Waits until a party or a way of the diagram has a state.
 *
 * @param part The part.
 * @param state The state.
 */
export async function untilLit(part: Locator, state: string): Promise<void> {
  await part.and(part.page().locator(`[data-state="${state}"]`)).waitFor();
}
