import { parseArgs } from "node:util";
import type { EmailDocument } from "@playground/shared/email";
import { STATE_OPTION, stateDirectoryOf, stateOptionHelp } from "@playground/tasks/running-system";
import { type ParsedCommandLine } from "@playground/tasks/terminal";

/** What the command line says. */
export interface SendEmailArguments {
  /** The parts of the email that were given; what is missing is asked for, or has its default. */
  readonly given: {
    readonly from?: string | undefined;
    readonly fromName?: string | undefined;
    readonly to?: string | undefined;
    readonly toName?: string | undefined;
    readonly subject?: string | undefined;
    readonly body?: string | undefined;
  };
  /** Whether to follow the email. */
  readonly wait: boolean;
  /** How long to follow it. */
  readonly timeoutMs: number;
  /** Whether to write one JSON document instead of text. */
  readonly json: boolean;
  /** The message server; absent: the one that `deno task dev` started. */
  readonly server?: URL | undefined;
  /** Where the development system keeps its state. */
  readonly stateDirectory: string;
}

/** The arguments, a wish for help, or what is wrong. */
export type ParsedArguments = ParsedCommandLine<
  { readonly kind: "run"; readonly arguments: SendEmailArguments }
>;

/** What the email is where nobody says otherwise. */
export const DEFAULT_EMAIL = {
  from: "me@example.com",
  to: "you@example.com",
  subject: "Something catchy",
  body: "Whatever you want",
} as const;

/** Two poll intervals of the usual kind and some patience. */
const DEFAULT_TIMEOUT_SECONDS = 90;

/** What `--help` tells. */
export const HELP = `Sends an email through the system and follows its trace until it is archived.

Usage: deno task send-email [options]

  --from ADDRESS       the sender (default ${DEFAULT_EMAIL.from})
  --from-name NAME     the sender's name
  --to ADDRESS         the recipient (default ${DEFAULT_EMAIL.to})
  --to-name NAME       the recipient's name
  --subject TEXT       the subject (default "${DEFAULT_EMAIL.subject}")
  --body TEXT          the body; - reads it from standard input (default "${DEFAULT_EMAIL.body}")
  --no-wait            do not follow the email
  --timeout SECONDS    how long to follow it (default ${DEFAULT_TIMEOUT_SECONDS})
  --json               write one JSON document
  --server URL         the message server (default: the one that deno task dev started)
${stateOptionHelp(23)}
  --help               this text

On a terminal, what is missing is asked for. Exit code: 0 archived, or accepted where following is impossible;
1 refused or dead-lettered; 2 wrong usage; 3 not archived within the time limit.`;

/** Reads the command line. */
export function parseArguments(args: readonly string[]): ParsedArguments {
  try {
    const { values } = parseArgs({
      args: [...args],
      allowNegative: true,
      options: {
        from: { type: "string" },
        "from-name": { type: "string" },
        to: { type: "string" },
        "to-name": { type: "string" },
        subject: { type: "string" },
        body: { type: "string" },
        wait: { type: "boolean", default: true },
        timeout: { type: "string", default: String(DEFAULT_TIMEOUT_SECONDS) },
        json: { type: "boolean", default: false },
        server: { type: "string" },
        ...STATE_OPTION,
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help) return { kind: "help" };
    const timeoutMs = Number(values.timeout) * 1000;
    if (!(timeoutMs > 0)) {
      return usage(`--timeout ${values.timeout} is no number of seconds; give one, such as 60`);
    }
    if (values.server !== undefined && !URL.canParse(values.server)) {
      return usage(
        `--server ${values.server} is no address; give one, such as http://127.0.0.1:8080`,
      );
    }
    const { from, to, subject, body, wait, json } = values;
    return {
      kind: "run",
      arguments: {
        given: {
          from,
          fromName: values["from-name"],
          to,
          toName: values["to-name"],
          subject,
          body,
        },
        wait,
        timeoutMs,
        json,
        server: values.server === undefined ? undefined : new URL(values.server),
        stateDirectory: stateDirectoryOf(values),
      },
    };
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
}

/** Makes the email document. */
export function toDocument(given: SendEmailArguments["given"]): EmailDocument {
  const party = (address: string, display: string | undefined) =>
    display === undefined ? { address } : { address, display };
  return {
    sender: party(given.from ?? DEFAULT_EMAIL.from, given.fromName),
    recipient: party(given.to ?? DEFAULT_EMAIL.to, given.toName),
    subject: given.subject ?? DEFAULT_EMAIL.subject,
    body: given.body ?? DEFAULT_EMAIL.body,
  };
}

function usage(problem: string): ParsedArguments {
  return { kind: "usage", problem };
}
