import { isDeepStrictEqual } from "node:util";
import type { Locator, Page } from "playwright-core";
import { waitFor } from "./conditions.ts";
import { type DevSystem, sendJson } from "./dev_system.ts";

export async function untilState(page: Page, title: string): Promise<void> {
  await page.locator("#state-title", { hasText: new RegExp(`^${title}`) }).waitFor();
}

/** Until a row of each name is there: the services report their spans at different times, some after an email is archived. */
export async function untilRows(page: Page, ...names: readonly string[]): Promise<void> {
  for (const name of names) await rowsOf(page, name).first().waitFor();
}

/** The waterfall's rows of this name. */
export function rowsOf(page: Page, name: string): Locator {
  const title = page.locator(".title", { hasText: RegExp(`^${name}$`) });
  return page.locator("#waterfall .row").filter({ has: title });
}

export async function showTrace(page: Page, traceId: string): Promise<void> {
  await page.evaluate((id) => location.hash = `trace=${id}`, traceId);
}

/** What the page itself says: `page.url()` may still be the address before the last key. */
export async function addressOf(page: Page): Promise<URL> {
  return new URL(await page.evaluate(() => location.href));
}

/** Waits until a part says something. */
export function says(part: Locator, text: RegExp): Promise<void> {
  return untilSaid(() => part.innerText(), (said) => text.test(said));
}

/** Waits until these parts, and no other ones, have these texts. */
export function sayEach(parts: Locator, texts: readonly string[]): Promise<void> {
  return untilSaid(() => parts.allTextContents(), (said) => isDeepStrictEqual(said, texts));
}

async function untilSaid<Said>(
  read: () => Promise<Said>,
  isRight: (said: Said) => boolean,
): Promise<void> {
  let said: Said | undefined;
  const isSaid = waitFor(async () => isRight(said = await read()));
  await isSaid.catch((cause) => {
    throw new Error(`It says ${JSON.stringify(said)}`, { cause });
  });
}

/** Texts for the form, by the ids of its fields. */
type Fields = Readonly<Record<string, string>>;

export async function sendEmail(page: Page, fields: Fields = {}): Promise<void> {
  const form = page.locator("#compose");
  if (await form.and(page.locator(".open")).count() === 0) await page.click("#more");
  for (const [id, value] of Object.entries(fields)) await page.fill(`#${id}`, value);
  await untilAnswered(page, () => page.click("#send"));
}

export async function sendUntil(page: Page, title: string, fields?: Fields): Promise<void> {
  await sendEmail(page, fields);
  await untilState(page, title);
}

/** Sends an email with one of the outcome buttons. */
export async function sendOneThat(page: Page, becomes: string, title: string): Promise<void> {
  await untilAnswered(page, () => page.getByRole("button", { name: becomes }).click());
  await untilState(page, title);
}

/** Waits until the page shows the email that it sent, instead of the one before. */
async function untilAnswered(page: Page, send: () => Promise<void>): Promise<void> {
  const answer = page.waitForResponse((response) => new URL(response.url()).pathname === "/email");
  await send();
  await (await answer).finished();
  await page.locator('#send[aria-disabled="false"]').waitFor();
}

export function node(page: Page, id: string): Locator {
  return page.locator(`[data-node="${id}"]:visible`);
}

export function edge(page: Page, id: string): Locator {
  return page.locator(`[data-edge="${id}"]:visible`);
}

export async function untilLit(part: Locator, state: string): Promise<void> {
  await part.and(part.page().locator(`[data-state="${state}"]`)).waitFor();
}

/** Posts an email to the message server, without the page. */
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
