/**
 * `deno task load`: sends many emails and reports how they ended.
 *
 * The command line makes the plan; settings or the running development system name the message server, the archive and the
 * broker. While emails are sent (`generator.ts`) and their answers counted (`tally.ts`), the archive and the broker are asked how
 * many have ended (`outcomes.ts`); some traces are read at the end (`trace_sample.ts`), and `summary.ts` puts all of
 * it together, also after Ctrl-C. Nothing here grows with the number of emails.
 *
 * @module
 */
import {
  amqpUrls,
  type Environment,
  mongodbUrl,
  readConfiguration,
  retryDelays,
} from "@playground/shared/configuration";
import type { EmailDocument } from "@playground/shared/email";
import { failureReason } from "@playground/shared/http";
import { stopRequested } from "@playground/shared/lifecycle";
import { openArchiveCounter } from "@playground/tasks/clients/archive";
import { openQueueCounter } from "@playground/tasks/clients/broker";
import { MessageServerClient } from "@playground/tasks/clients/message-server";
import { knownSettings, serverToSendTo } from "@playground/tasks/running-system";
import { isScreen, liveArea, startTask, terminalOptions } from "@playground/tasks/terminal";
import { z } from "zod";
import { commandLine, type LoadOptions, planOf } from "./arguments.ts";
import { createEmailMix, generateLoad, senderOf } from "./generator.ts";
import { Outcomes, settle } from "./outcomes.ts";
import { describeSummary, drawLiveView, exitCodeOf, type LiveState, summarize } from "./summary.ts";
import { Tally } from "./tally.ts";
import { readSample } from "./trace_sample.ts";

/** Marks the requests as nobody's mail. */
const SYNTHETIC = { "X-Synthetic": "true" };
const DRAW_INTERVAL_MS = 200;

const variables = z.object({
  AMQP_URL: amqpUrls().optional(),
  MONGODB_URL: mongodbUrl().optional(),
  RETRY_DELAYS: retryDelays,
});

Deno.exit(await load(commandLine.parse(startTask(), { from: "user" }).opts()));

async function load(options: LoadOptions): Promise<number> {
  const { state: stateDirectory, json = false } = options;
  const server = await serverToSendTo(options);
  const stop = new AbortController();
  stopRequested().then(() => stop.abort());
  const { signal } = stop;
  const runId = crypto.randomUUID().slice(0, 8);
  await using resources = new AsyncDisposableStack();
  const problems: string[] = [];
  const settings = await knownSettings(stateDirectory);
  const outcomes = await openOutcomes(settings, senderOf(runId), resources, problems);

  const plan = planOf(options);
  const client = new MessageServerClient(server.url, server.apiToken);
  const tally = new Tally();
  const startedAt = performance.now();
  let phase: LiveState["phase"] = "sending";
  let sentMs: number | undefined;
  const stopDrawing = json ? () => {} : drawRepeatedly(() => {
    const sendingMs = sentMs ?? performance.now() - startedAt;
    return { plan, tally, figures: outcomes.figures, sendingMs, phase };
  });
  const emailOf = createEmailMix(runId, plan);
  const post = (document: EmailDocument) => client.postEmail(document, SYNTHETIC);
  const sending = generateLoad({ plan, emailOf, post, tally, signal }).then(() => {
    sentMs = performance.now() - startedAt;
    phase = "waiting for the emails";
  });
  const timeoutMs = options.timeout * 1000;
  const end = await settle({ tally, outcomes, sending, timeoutMs, signal });
  phase = "reading traces";
  const sample = await readSample(client, tally.sample, signal);
  stopDrawing();

  problems.push(...outcomes.problems);
  if (sample.problem !== undefined) problems.push(`the traces cannot be read: ${sample.problem}`);
  const { figures } = outcomes;
  const summary = summarize({
    runId,
    end,
    sendingMs: sentMs ?? 0,
    tally,
    figures,
    sample,
    problems,
  });
  console.log(json ? JSON.stringify(summary) : describeSummary(summary, stateDirectory));
  return exitCodeOf(summary);
}

/** Connects to the archive and the broker, which know how the emails end. The summary names one that does not answer. */
async function openOutcomes(
  settings: Environment,
  sender: string,
  resources: AsyncDisposableStack,
  problems: string[],
): Promise<Outcomes> {
  const configured = readConfiguration(variables, settings);
  if (!configured.ok) {
    problems.push(...configured.problems);
    return new Outcomes({});
  }
  const { AMQP_URL: urls, MONGODB_URL, RETRY_DELAYS } = configured.configuration;
  const open = async <Counter extends AsyncDisposable>(
    variable: string,
    opening: Promise<Counter> | undefined,
  ): Promise<Counter | undefined> => {
    if (opening === undefined) {
      problems.push(`${variable} is not set, and the playground is not running`);
      return undefined;
    }
    try {
      return resources.use(await opening);
    } catch (error) {
      problems.push(`${variable}: ${failureReason(error)}`);
      return undefined;
    }
  };
  return new Outcomes({
    archive: await open(
      "MONGODB_URL",
      MONGODB_URL === undefined ? undefined : openArchiveCounter(MONGODB_URL, sender),
    ),
    queues: await open("AMQP_URL", urls && openQueueCounter(urls, RETRY_DELAYS, sender)),
  });
}

function drawRepeatedly(state: () => LiveState): () => void {
  if (!isScreen()) return () => {};
  const drawOver = liveArea();
  const draw = () => drawOver(drawLiveView(state(), terminalOptions().columns));
  const timer = setInterval(draw, DRAW_INTERVAL_MS);
  return () => {
    clearInterval(timer);
    draw();
    console.log();
  };
}
