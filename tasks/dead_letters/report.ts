import { parseEmailDocument } from "@playground/shared/email";
import { columnsOf, fit, toPrintable } from "@playground/tasks/terminal";
import type { DeadLetter } from "@playground/tasks/clients/broker";

const WHEN_COLUMNS = 20;
const ID_COLUMNS = 36;
const ATTEMPTS_COLUMNS = 8;
const GAP = "  ";
const REASON_START = WHEN_COLUMNS + ID_COLUMNS + ATTEMPTS_COLUMNS + 3 * GAP.length;
/** A reason that has less room is not cut: the terminal breaks the line anyway. */
const MIN_REASON_COLUMNS = 20;

export const TABLE_HEAD: string = tableLine("WHEN", "EMAIL", "ATTEMPTS", "REASON");

/** A line of the table. The columns' widths are fixed, so that it can be written while the queue is read. */
export function tableRow(
  { deadAt, id, attempts, reason }: DeadLetter,
  columns: number = Infinity,
): string {
  const room = columns - REASON_START;
  const text = toPrintable(reason);
  return tableLine(
    formatTime(deadAt),
    id,
    String(attempts),
    room < MIN_REASON_COLUMNS || columnsOf(text) <= room ? text : fit(text, room),
  );
}

function tableLine(when: string, id: string, attempts: string, reason: string): string {
  return [
    when.padEnd(WHEN_COLUMNS),
    id.padEnd(ID_COLUMNS),
    attempts.padStart(ATTEMPTS_COLUMNS),
    reason,
  ].join(GAP);
}

/** Everything about one but its mail; `page` is where people see what became of it. */
export function describeDeadLetter(letter: DeadLetter, page?: string): string {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["Email", letter.id],
    ["Message-ID", letter.messageId],
    ["Trace", letter.traceId],
    ["Page", page],
    ["Accepted", formatTime(letter.acceptedAt)],
    ["Given up", formatTime(letter.deadAt)],
    ["Attempts", String(letter.attempts)],
    ["Reason", letter.reason],
    ["Last reply", letter.lastReply],
    ["Size", `${letter.sizeBytes} bytes`],
  ];
  return [
    ...facts.flatMap(([name, value]) => value === undefined ? [] : [factLine(name, value)]),
    "",
    "Headers",
    ...Object.entries(letter.headers).map(([name, value]) =>
      `  ${toPrintable(name)}: ${toPrintable(headerText(value))}`
    ),
  ].join("\n");
}

/** The mail of a dead letter. Content that is no email is the reason why it is here. */
export function describeContent(content: Uint8Array): string {
  const text = new TextDecoder().decode(content);
  const parsed = parseEmailDocument(parseJson(text));
  if (!parsed.ok) return printableLines(text);
  const { sender, recipient, subject, body } = parsed.document;
  return [
    factLine("From", partyText(sender)),
    factLine("To", partyText(recipient)),
    factLine("Subject", subject),
    "",
    printableLines(body),
  ].join("\n");
}

/** For `--json`: what is not known is `null`. */
export function toJson(
  letter: DeadLetter,
  content?: Uint8Array,
): Readonly<Record<string, unknown>> {
  const facts = Object.entries(letter).map(([name, value]) => [name, value ?? null]);
  return {
    ...Object.fromEntries(facts),
    ...(content === undefined ? {} : { content: new TextDecoder().decode(content) }),
  };
}

function factLine(name: string, value: string): string {
  return `${name.padEnd(10)}  ${toPrintable(value)}`;
}

function formatTime(date: Date | undefined): string {
  return date === undefined ? "-" : `${date.toISOString().slice(0, 19).replace("T", " ")}Z`;
}

function headerText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value) ?? "";
}

function partyText(
  { address, display }: { address: string; display?: string | undefined },
): string {
  return display === undefined ? address : `${display} <${address}>`;
}

/** Control characters could move the cursor or recolour the terminal; line ends and tabs may stay. */
function printableLines(text: string): string {
  return text.replaceAll("\r\n", "\n").replaceAll(/[^\P{Control}\n\t]/gu, "\uFFFD");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The text is shown as it is.
  }
}
