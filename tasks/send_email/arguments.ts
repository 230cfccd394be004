import type { EmailDocument } from "@playground/shared/email";
import { stateOption } from "@playground/tasks/running-system";
import { positiveNumber, taskCommandLine, url } from "@playground/tasks/terminal";

/** What is sent where nobody says otherwise. */
export const DEFAULT_EMAIL = {
  from: "me@example.com",
  to: "you@example.com",
  subject: "Something catchy",
  body: "Whatever you want",
} as const;

export const commandLine = taskCommandLine(
  "send-email",
  "Sends an email through the system and follows its trace until it is archived.",
)
  .option("--from <address>", `the sender (default: ${DEFAULT_EMAIL.from})`)
  .option("--from-name <name>", "the sender's name")
  .option("--to <address>", `the recipient (default: ${DEFAULT_EMAIL.to})`)
  .option("--to-name <name>", "the recipient's name")
  .option("--subject <text>", `the subject (default: "${DEFAULT_EMAIL.subject}")`)
  .option("--body <text>", `the body; - reads standard input (default: "${DEFAULT_EMAIL.body}")`)
  .option("--no-wait", "do not follow the email")
  // Two poll intervals and some patience.
  .option("--timeout <seconds>", "how long to follow it", positiveNumber, 90)
  .option("--json", "write one JSON document")
  .option("--server <url>", "the message server (default: the one that deno task dev started)", url)
  .addOption(stateOption())
  .addHelpText(
    "after",
    `
On a terminal it asks for what is missing. Exit code: 0 archived, or accepted where following is impossible;
1 refused or dead-lettered; 2 wrong usage; 3 not archived within the time limit.`,
  );

export type SendEmailOptions = ReturnType<typeof commandLine.opts>;

/** The parts of the email that are given; what is missing is asked for, or has its default. */
export type GivenEmail = Pick<
  SendEmailOptions,
  "from" | "fromName" | "to" | "toName" | "subject" | "body"
>;

export function toDocument(given: GivenEmail): EmailDocument {
  const party = (address: string, display: string | undefined) =>
    display === undefined ? { address } : { address, display };
  return {
    sender: party(given.from ?? DEFAULT_EMAIL.from, given.fromName),
    recipient: party(given.to ?? DEFAULT_EMAIL.to, given.toName),
    subject: given.subject ?? DEFAULT_EMAIL.subject,
    body: given.body ?? DEFAULT_EMAIL.body,
  };
}
