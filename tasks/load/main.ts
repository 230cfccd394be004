/**
 * `deno task load`: sends many emails and tells what became of them.
 *
 * The command line makes the plan; settings or the running development system name the message server, the archive and the broker;
 * a live view shows how far it is, and a summary ends it, also after Ctrl-C.
 *
 * @module
 */
import { sleep } from "@playground/shared/time";
import { emailerVariables } from "@playground/emailer/configuration";
import {
  amqpUrls,
  type Environment,
  mongodbUrl,
  readConfiguration,
} from "@playground/shared/configuration";
import { stopRequested } from "@playground/shared/lifecycle";
import { ArchiveCounter } from "@playground/tasks/clients/archive";
import { QueueCounter } from "@playground/tasks/clients/broker";
import { MessageServerClient } from "@playground/tasks/clients/message-server";
import {
  notRunning,
  readRunningVariables,
  readSettings,
  ROOT,
  runningServer,
} from "@playground/tasks/running-system";
import { LiveArea, terminalOptions } from "@playground/tasks/terminal";
import { z } from "zod";
import { commandLine, type LoadOptions, planOf } from "./arguments.ts";
import { drawLiveView, type LiveState } from "./live_view.ts";
import {
  createEmailMix,
  generateLoad,
  OutcomeCounts,
  readSample,
  senderOf,
  settle,
  summarize,
  Tally,
} from "./mod.ts";
import { describeSummary } from "./report.ts";
import { exitCodeOf } from "./summary.ts";

const EXIT_FAILED = 1;

/** Marks the requests as nobody's mail. */
const SYNTHETIC = { "X-Synthetic": "true" };
/** How often the live view is drawn. */
const DRAW_INTERVAL_MS = 200;

const variables = z.object({
  AMQP_URL: amqpUrls().optional(),
  MONGODB_URL: mongodbUrl().optional(),
  RETRY_DELAYS: emailerVariables.shape.RETRY_DELAYS,
});

Deno.exit(await load(commandLine.parse(Deno.args, { from: "user" }).opts()));

async function load(options: LoadOptions): Promise<number> {
  const { state: stateDirectory, json = false } = options;
  const plan = planOf(options);
  const timeoutMs = options.timeout * 1000;
  const ownSettings = await readSettings(ROOT);
  const settings: Environment = {
    ...await readRunningVariables(stateDirectory),
    ...ownSettings,
  };
  const server = options.server === undefined
    ? await runningServer(stateDirectory)
    : { url: options.server, apiToken: undefined };
  if (server === undefined) {
    console.error(`Cannot send: ${notRunning(stateDirectory)}, or give --server URL`);
    return EXIT_FAILED;
  }
  const stop = new AbortController();
  stopRequested().then(() => stop.abort());
  const { signal } = stop;
  const now = () => performance.now();

  const runId = crypto.randomUUID().slice(0, 8);
  await using resources = new AsyncDisposableStack();
  const problems: string[] = [];
  const outcomes = await openOutcomeCounts(settings, senderOf(runId), resources, problems);
  const client = new MessageServerClient(server.url, ownSettings.API_TOKEN ?? server.apiToken);
  const tally = new Tally();

  const startedAt = now();
  let sendingMs: number | undefined;
  let isReadingTraces = false;
  const liveState = (): LiveState => ({
    plan,
    tally,
    figures: outcomes.figures,
    sendingMs: sendingMs ?? now() - startedAt,
    phase: isReadingTraces
      ? "reading traces"
      : sendingMs === undefined
      ? "sending"
      : "waiting for the emails",
  });
  const stopDrawing = json ? () => {} : drawRepeatedly(liveState);
  const sending = generateLoad({
    plan,
    emailOf: createEmailMix(runId, plan),
    post: (document) => client.postEmail(document, SYNTHETIC),
    tally,
    signal,
    now,
    sleep,
  }).then(() => {
    sendingMs = now() - startedAt;
  });
  const end = await settle({ tally, outcomes, sending, timeoutMs, signal, now, sleep });
  isReadingTraces = true;
  const sample = await readSample({ client, emails: tally.sample.items, signal, now, sleep });
  stopDrawing();

  const summary = summarize({
    runId,
    end,
    sendingMs: sendingMs ?? 0,
    tally,
    figures: outcomes.figures,
    sample,
    problems: [
      ...problems,
      ...outcomes.problems,
      ...(sample.problem === undefined ? [] : [`the traces cannot be read: ${sample.problem}`]),
    ],
  });
  console.log(json ? JSON.stringify(summary) : describeSummary(summary, stateDirectory));
  return exitCodeOf(summary);
}

/** Connects to whoever can tell what becomes of the emails. Who cannot be reached is a figure less, and said. */
async function openOutcomeCounts(
  settings: Environment,
  sender: string,
  resources: AsyncDisposableStack,
  problems: string[],
): Promise<OutcomeCounts> {
  const configured = readConfiguration(variables, settings);
  if (!configured.ok) {
    problems.push(...configured.problems);
    return new OutcomeCounts({});
  }
  const { AMQP_URL: urls, MONGODB_URL, RETRY_DELAYS: retryDelays } = configured.configuration;
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
      problems.push(`${variable}: ${error instanceof Error ? error.message : error}`);
      return undefined;
    }
  };
  return new OutcomeCounts({
    archive: await open(
      "MONGODB_URL",
      MONGODB_URL === undefined ? undefined : ArchiveCounter.open(MONGODB_URL, sender),
    ),
    queues: await open(
      "AMQP_URL",
      urls === undefined ? undefined : QueueCounter.open({ urls, retryDelays, sender }),
    ),
  });
}

/** Draws the live view on a terminal until the returned function is called. */
function drawRepeatedly(state: () => LiveState): () => void {
  if (!Deno.stdout.isTerminal()) return () => {};
  const area = new LiveArea();
  const draw = () => area.draw(drawLiveView(state(), terminalOptions().columns));
  const timer = setInterval(draw, DRAW_INTERVAL_MS);
  return () => {
    clearInterval(timer);
    draw();
    console.log();
  };
}
