import type { Locator, Page } from "playwright-core";
import { type DevSystem, sendJson } from "./dev_system.ts";

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

/** Sends an email with one of the outcome buttons. */
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

/** Has the message server accept an email, without the page. */
export async function accept(
  { pageUrl }: DevSystem,
  address = "bob@example.com",
  headers?: Readonly<Record<string, string>>,
): Promise<{ readonly id: string; readonly traceId: string }> {
  const document = {
    sender: { address: "alice@example.com" },
    recipient: { address },
    subject: "Something catchy",
    body: "Whatever you want",
  };
  return JSON.parse(await sendJson("POST", new URL("/email", pageUrl), document, headers));
}
