import { columnsOf, fit, toPrintable } from "@playground/tasks/terminal";
import { type DeadLetter, documentIn } from "@playground/tasks/clients/broker";

/** A narrower terminal has no room for reasons: they are not cut, it breaks the lines anyway. */
const MIN_COLUMNS = 90;

export const TABLE_HEAD: string = tableLine("WHEN", "EMAIL", "ATTEMPTS", "REASON");

/** A line of the table. The columns' widths are fixed, so that it can be written while the queue is read. */
export function tableRow(
  { deadAt, id, attempts, reason }: DeadLetter,
  columns: number = Infinity,
): string {
  const line = tableLine(formatTime(deadAt), id, String(attempts), toPrintable(reason));
  return columns < MIN_COLUMNS || columnsOf(line) <= columns ? line : fit(line, columns);
}

function tableLine(when: string, email: string, attempts: string, reason: string): string {
  return [when.padEnd(20), email.padEnd(36), attempts.padStart(8), reason].join("  ");
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
  const document = documentIn(content);
  if (document === undefined) return printableLines(new TextDecoder().decode(content));
  const { sender, recipient, subject, body } = document;
  return [
    factLine("From", partyText(sender)),
    factLine("To", partyText(recipient)),
    factLine("Subject", subject),
    "",
    printableLines(body),
  ].join("\n");
}

/** For `--json`: what is not known is `null`. */
export function toJson(letter: DeadLetter, content?: Uint8Array): string {
  const document = content === undefined
    ? letter
    : { ...letter, content: new TextDecoder().decode(content) };
  return JSON.stringify(document, (_, value) => value ?? null);
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
