/**
 * `deno task send-email`: sends an email through the system and follows its trace.
 *
 * The command line and, on a terminal, some questions make the document, which the message server takes. Its trace API then shows
 * where the email is, drawn as a waterfall, until the email is archived or has failed.
 *
 * @module
 */
import { cancel, isCancel, text } from "@clack/prompts";
import {
  type AcceptedEmail,
  followEmail,
  type FollowResult,
  MessageServerClient,
} from "@playground/tasks/clients/message-server";
import { serverToSendTo, stateOption } from "@playground/tasks/running-system";
import {
  drawWaterfall,
  fail,
  isScreen,
  liveArea,
  positiveNumber,
  startTask,
  taskCommandLine,
  terminalOptions,
  toPrintable,
  url,
} from "@playground/tasks/terminal";
import {
  DEFAULT_EMAIL,
  describeEnd,
  describeResult,
  describeState,
  type EmailField,
  exitCodeOf,
  type GivenEmail,
  toDocument,
} from "./email.ts";

const EXIT_REFUSED = 1;

const QUESTIONS: readonly (readonly [EmailField, string])[] = [
  ["from", "From"],
  ["to", "To"],
  ["subject", "Subject"],
  ["body", "Body"],
];

const commandLine = taskCommandLine(
  "send-email",
  "Sends an email through the system and follows its trace until it is archived.",
)
  .option("--from <address>", `the sender (default: ${DEFAULT_EMAIL.from})`)
  .option("--to <address>", `the recipient (default: ${DEFAULT_EMAIL.to})`)
  .option("--subject <text>", `the subject (default: "${DEFAULT_EMAIL.subject}")`)
  .option("--body <text>", `the body; - reads standard input (default: "${DEFAULT_EMAIL.body}")`)
  .option("--no-wait", "do not follow the email")
  // Two poll intervals and a margin.
  .option("--timeout <seconds>", "how long to follow the email", positiveNumber, 90)
  .option("--json", "write one JSON document")
  .option("--server <url>", "the message server (default: the one that deno task dev started)", url)
  .addOption(stateOption())
  .addHelpText(
    "after",
    `
On a terminal it asks for what is missing. Exit code: 0 archived, or accepted where following is impossible;
1 refused or dead-lettered; 2 wrong usage; 3 not archived within the time limit.`,
  )
  .parse(startTask(), { from: "user" });

type SendEmailOptions = ReturnType<typeof commandLine.opts>;

Deno.exit(await send(commandLine.opts()));

async function send(options: SendEmailOptions): Promise<number> {
  const server = await serverToSendTo(options);
  const given = options.body === "-"
    ? { ...options, body: await new Response(Deno.stdin.readable).text() }
    : options;
  const isInteractive = Deno.stdin.isTerminal() && Deno.stdout.isTerminal() && !options.json;
  const complete = isInteractive ? await askForMissing(given) : given;
  if (complete === undefined) return EXIT_REFUSED;

  const client = new MessageServerClient(server.url, server.apiToken);
  const startedAt = performance.now();
  const posted = await client.postEmail(toDocument(complete));
  switch (posted.status) {
    case "unreachable":
      return fail(
        `Cannot send to ${server.url.origin}: ${posted.reason}; is the message server running there?`,
      );
    case "refused": {
      const [problem = "", ...details] = posted.lines.map(toPrintable);
      if (!options.json) {
        fail(problem.startsWith("Cannot ") ? problem : `Cannot send: ${problem}`, details);
      }
      console.log(JSON.stringify(posted));
      return EXIT_REFUSED;
    }
    case "accepted":
      return await tellEnd(client, posted.email, startedAt, options);
  }
}

/** Asks for what the command line does not give. An empty answer takes the default; Ctrl-C gives `undefined`. */
async function askForMissing(given: GivenEmail): Promise<GivenEmail | undefined> {
  const answers: Partial<Record<EmailField, string>> = {};
  for (const [field, message] of QUESTIONS) {
    const defaultValue = DEFAULT_EMAIL[field];
    const answer = given[field] ?? await text({ message, placeholder: defaultValue, defaultValue });
    if (isCancel(answer)) {
      cancel("Nothing was sent");
      return undefined;
    }
    answers[field] = answer;
  }
  return answers;
}

async function tellEnd(
  client: MessageServerClient,
  email: AcceptedEmail,
  startedAt: number,
  options: SendEmailOptions,
): Promise<number> {
  if (!options.json) {
    const page = email.pageUrl === undefined ? "" : `Page   ${email.pageUrl}\n`;
    console.log(`Email  ${email.id}\nTrace  ${email.traceUrl ?? email.traceId}\n${page}`);
  }
  if (!options.wait) {
    if (options.json) console.log(JSON.stringify(email));
    return 0;
  }
  const result = await follow(client, email, options);
  console.log(
    options.json
      ? JSON.stringify({ ...email, ...describeResult(result) })
      : `\n${toPrintable(describeEnd(result, performance.now() - startedAt))}`,
  );
  return exitCodeOf(result);
}

/** Follows the email; on a terminal the picture grows, elsewhere it is written once. */
async function follow(
  client: MessageServerClient,
  email: AcceptedEmail,
  { timeout, json }: SendEmailOptions,
): Promise<FollowResult> {
  const isLive = isScreen() && !json;
  const draw = (spans: FollowResult["spans"]) => drawWaterfall(spans, terminalOptions()).trimEnd();
  const drawOver = liveArea();
  const result = await followEmail({
    client,
    email,
    timeoutMs: timeout * 1000,
    onProgress: ({ spans, state }) => {
      if (isLive) drawOver(`${draw(spans)}\n\n${toPrintable(describeState(state))}`);
    },
  });
  if (!json && result.spans.length > 0) {
    if (isLive) drawOver(draw(result.spans));
    else console.log(draw(result.spans));
  }
  return result;
}
