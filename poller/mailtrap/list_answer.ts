import { z } from "zod";
import type { InboxMessage, InboxPage } from "./inbox.ts";
import { readBody, type Reading } from "./read_body.ts";

/** A page has 30 messages of about 1.5 kB. */
const MAX_LIST_BYTES = 5_000_000;
/** A message has about 40 values; a list of 5 MB can have millions, which take a hundred times its size. */
const MAX_VALUES = 100_000;

const [QUOTE, BACKSLASH, COMMA, BRACKET, BRACE] = new TextEncoder().encode('"\\,[{');

const ISO_LENGTH = "2026-11-24T12:00:00.123Z".length;

const listedMessage = z.object({
  id: z.int().positive(),
  // A year of more than four digits has no form in ISO 8601 that others read.
  created_at: z.string().transform((text) => new Date(text))
    .pipe(z.date().refine((date) => date.toISOString().length === ISO_LENGTH)),
  email_size: z.number().nonnegative().nullish().catch(undefined),
  subject: z.string().nullish().catch(undefined),
});
const numberedItem = listedMessage.pick({ id: true });

/** Reads the list of messages. A wrong item does not hide the others. */
export async function readListAnswer(response: Response): Promise<Reading<InboxPage>> {
  const refuse = (why: string) =>
    ({ outcome: "refused", reason: `Mailtrap's answer is not a list of messages${why}` }) as const;
  const body = await readBody(response, MAX_LIST_BYTES);
  if (body.outcome === "refused") return refuse(`: ${body.reason}`);
  const { bytes } = body.value;
  if (countValues(bytes) > MAX_VALUES) return refuse(`: it has more than ${MAX_VALUES} values`);
  const items = parseJson(bytes);
  return Array.isArray(items) ? { outcome: "ok", value: readItems(items) } : refuse("");
}

/** An upper bound for the number of JSON values: each follows a comma or an opening bracket outside a string. */
function countValues(json: Uint8Array): number {
  let count = 0;
  let isInString = false;
  for (let index = 0; index < json.length; index++) {
    const byte = json[index];
    if (byte === QUOTE) isInString = !isInString;
    else if (byte === BACKSLASH) index++;
    else if (!isInString && (byte === COMMA || byte === BRACKET || byte === BRACE)) count++;
  }
  return count;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function readItems(items: readonly unknown[]): InboxPage {
  const messages: InboxMessage[] = [];
  let first: string | undefined;
  for (const [index, item] of items.entries()) {
    const { success, data, error } = listedMessage.safeParse(item);
    if (success) {
      const { id, created_at: receivedAt, email_size, subject } = data;
      messages.push({
        id,
        receivedAt,
        sizeBytes: email_size ?? undefined,
        subject: subject ?? undefined,
      });
    } else {
      first ??= `item ${index + 1} has no usable ${String(error.issues[0]?.path[0] ?? "id")}`;
    }
  }
  const ids = items.map((item) => numberedItem.safeParse(item).data?.id ?? Infinity);
  const count = items.length - messages.length;
  const problem = first && `Mailtrap's list has items that are not messages (${count}): ${first}`;
  return { messages, oldestId: Math.min(...ids), problem };
}
