/**
 * `deno task send-email`: sends an email through the system and follows its trace.
 *
 * The command line and, on a terminal, some questions make the document; the message server takes it; its trace API tells where
 * the email is, drawn as a waterfall, until it is archived or has failed.
 *
 * @module
 */
import {
  type AcceptedEmail,
  followEmail,
  type FollowResult,
  MessageServerClient,
} from "@playground/tasks/clients/message-server";
import { knownServer, notRunning } from "@playground/tasks/running-system";
import { drawWaterfall, LiveArea, terminalOptions } from "@playground/tasks/terminal";
import { commandLine, type SendEmailOptions, toDocument } from "./arguments.ts";
import { askForMissing } from "./questions.ts";
import { describeEnd, describeResult, describeState, exitCodeOf } from "./report.ts";

const EXIT_REFUSED = 1;

Deno.exit(await send(commandLine.parse(Deno.args, { from: "user" }).opts()));

async function send(options: SendEmailOptions): Promise<number> {
  const server = await knownServer(options.server, options.state);
  if (server === undefined) {
    console.error(`Cannot send: ${notRunning(options.state)}, or give --server URL`);
    return EXIT_REFUSED;
  }
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
      console.error(
        `Cannot send: ${server.url.origin} does not answer: ${posted.reason}; is it running?`,
      );
      return EXIT_REFUSED;
    case "refused":
      if (options.json) console.log(JSON.stringify(posted));
      else for (const line of posted.lines) console.error(line);
      return EXIT_REFUSED;
    case "accepted":
      return await tellEnd(client, posted.email, startedAt, options);
  }
}

async function tellEnd(
  client: MessageServerClient,
  email: AcceptedEmail,
  startedAt: number,
  options: SendEmailOptions,
): Promise<number> {
  if (!options.json) {
    console.log(`Email  ${email.id}\nTrace  ${email.traceUrl ?? email.traceId}\n`);
  }
  if (!options.wait) {
    if (options.json) console.log(JSON.stringify(email));
    return 0;
  }
  const result: FollowResult = email.sampled ? await follow(client, email, options) : {
    end: "unseen",
    reason: "its trace is not sampled",
    progress: { state: { name: "queued" }, spans: [] },
  };
  console.log(
    options.json
      ? JSON.stringify({ ...email, ...describeResult(result) })
      : `\n${describeEnd(result, performance.now() - startedAt)}`,
  );
  return exitCodeOf(result);
}

/** Follows the email; on a terminal the picture grows, elsewhere it is written once. */
async function follow(
  client: MessageServerClient,
  email: AcceptedEmail,
  { timeout, json }: SendEmailOptions,
): Promise<FollowResult> {
  const isTerminal = Deno.stdout.isTerminal();
  const draw = (spans: FollowResult["progress"]["spans"]) =>
    drawWaterfall(spans, terminalOptions()).trimEnd();
  const area = new LiveArea();
  const result = await followEmail({
    client,
    email,
    timeoutMs: timeout * 1000,
    onProgress: ({ spans, state }) => {
      if (isTerminal && !json) area.draw(`${draw(spans)}\n\n${describeState(state)}`);
    },
  });
  if (!json && result.progress.spans.length > 0) {
    if (isTerminal) area.draw(draw(result.progress.spans));
    else console.log(draw(result.progress.spans));
  }
  return result;
}
