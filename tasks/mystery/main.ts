/**
 * `deno task mystery`: hides a fault; the learner sends emails, and names hop and cause from their traces alone.
 *
 * It plays on the running development system, or starts one where none runs. On a terminal it asks what to do next. With
 * `--answer` it sends an email, shows its trace, and grades the answer. The fault ends with the command.
 *
 * @module
 */
import { isCancel, select } from "@clack/prompts";
import { Option } from "@commander-js/extra-typings";
import { stopRequested } from "@playground/shared/lifecycle";
import {
  followEmail,
  MessageServerClient,
  postedEmail,
} from "@playground/tasks/clients/message-server";
import { readRunning, type RunningSystem, stateOption } from "@playground/tasks/running-system";
import { startTemporarySystem } from "@playground/tasks/system";
import {
  drawWaterfall,
  EXIT_STOPPED,
  fail,
  failWith,
  paragraph,
  startTask,
  taskCommandLine,
  terminalOptions,
  wholeNumber,
} from "@playground/tasks/terminal";
import { type MysteryClient, mysteryClient } from "./client.ts";
import { anySeed, MAX_SEED, type MysteryView } from "./mystery.ts";
import { DIFFICULTIES } from "./cases.ts";
import { describeChoices, describeMystery, describeVerdict } from "./report.ts";

const EXIT_NOT_SOLVED = 1;
/** The first steps of the retry ladder, and two polls. */
const FOLLOW_TIMEOUT_MS = 20_000;

const EMAIL = {
  sender: { address: "me@example.com" },
  recipient: { address: "you@example.com" },
  subject: "A mystery",
  body: "Where does it get stuck?\n",
};

const { seed, difficulty, answer, own, state: stateDirectory } = taskCommandLine(
  "mystery",
  "Hides a fault; you send emails, and name the hop and the cause from their traces alone.",
)
  .addOption(
    new Option("--seed <n>", "the same mystery again").argParser(wholeNumber(0, MAX_SEED))
      .default(anySeed(), "any; it is printed"),
  )
  .addOption(new Option("--difficulty <level>", "how hard it is").choices(DIFFICULTIES))
  .option("--answer <hop:cause>", "send one email, show its trace, and give this answer")
  .option("--own", "start a system for the mystery even if deno task dev runs")
  .addOption(stateOption())
  .addHelpText(
    "after",
    `
You begin with 100 points. The first hint costs 10, the second 20; a wrong hop costs 20, a wrong cause 10.
Exit code: 0 solved; 1 not; 2 wrong usage; 130 Ctrl-C.`,
  )
  .parse(startTask(), { from: "user" }).opts();

const stop = new AbortController();
const stopped = stopRequested({ atHangUp: true }).then(() => {
  stop.abort(new Error("stopped"));
  return EXIT_STOPPED;
});
try {
  await using resources = new AsyncDisposableStack();
  Deno.exitCode = await Promise.race([play(resources), stopped]);
} catch (error) {
  if (!stop.signal.aborted) failWith(error);
}
Deno.exit();

async function play(resources: AsyncDisposableStack): Promise<number> {
  const { urls, variables } = await findSystem(resources);
  if (urls.faults === undefined) fail("Cannot hide a fault: deno task dev runs without stand-ins");
  const mystery = mysteryClient(new URL(urls.faults));
  let view = await mystery.begin(seed, difficulty);
  // The fault ends with the command, however that ends.
  resources.defer(async () => void await mystery.giveUp());
  console.log(`${describeMystery(view, terminalOptions())}\n`);
  const client = new MessageServerClient(new URL(urls.messageServer), variables.API_TOKEN);
  const send = (count: number) => sendEmails(count, client);
  if (answer !== undefined) {
    await send(1);
    const [hop = "", ...cause] = answer.split(":");
    view = await mystery.answer(hop, cause.join(":"));
  } else if (Deno.stdin.isTerminal() && Deno.stdout.isTerminal()) {
    while (view.state === "open") view = await nextStep(view, mystery, send);
  } else {
    await send(1);
    console.log(
      `Answer with --seed ${seed} --answer HOP:CAUSE, one of:\n\n${describeChoices(view)}`,
    );
    return EXIT_NOT_SOLVED;
  }
  console.log(describeVerdict(view, terminalOptions()));
  return view.state === "solved" ? 0 : EXIT_NOT_SOLVED;
}

async function findSystem(resources: AsyncDisposableStack): Promise<RunningSystem> {
  const running = own ? undefined : await readRunning(stateDirectory);
  if (running !== undefined) return running;
  console.log("Starting a system for the mystery …\n");
  const { signal } = stop;
  return resources.use(await startTemporarySystem({ settings: {}, signal })).system;
}

async function nextStep(
  view: MysteryView,
  mystery: MysteryClient,
  send: (count: number) => Promise<void>,
): Promise<MysteryView> {
  const { nextHintCost } = view;
  const choice = await select({
    message: `${view.score} of 100`,
    options: [
      { value: "send", label: "Send an email, and see its trace" },
      { value: "burst", label: "Send five at once, and see the slowest" },
      { value: "answer", label: "Answer" },
      ...nextHintCost === undefined
        ? []
        : [{ value: "hint", label: `Take a hint (−${nextHintCost})` }],
      { value: "give-up", label: "Give up" },
    ],
  });
  switch (choice) {
    case "send":
      await send(1);
      return view;
    case "burst":
      await send(5);
      return view;
    case "hint": {
      const next = await mystery.hint();
      console.log(paragraph(next.hints.at(-1) ?? "", terminalOptions()).join("\n"));
      return next;
    }
    case "answer":
      return await askForAnswer(view, mystery);
    default:
      return await mystery.giveUp();
  }
}

async function askForAnswer(view: MysteryView, mystery: MysteryClient): Promise<MysteryView> {
  const hop = await select({
    message: "Where is the cause?",
    options: view.hops.map(({ id, label }) => ({ value: id, label })),
  });
  if (isCancel(hop)) return view;
  const causes = view.hops.find(({ id }) => id === hop)?.causes ?? [];
  const cause = await select({
    message: "What is it?",
    options: causes.map(({ id, text }) => ({ value: id, label: text })),
  });
  if (isCancel(cause)) return view;
  const next = await mystery.answer(hop, cause);
  if (next.state === "open") console.log(describeVerdict(next, terminalOptions()));
  return next;
}

/** Sends emails and draws the trace of the one with the most spans, which had the most trouble. */
async function sendEmails(count: number, client: MessageServerClient): Promise<void> {
  const traces = await Promise.all(Array.from({ length: count }, async () => {
    const posted = await client.postEmail(EMAIL);
    if (posted.status === "unreachable") throw new Error(`Cannot send: ${posted.reason}`);
    const email = postedEmail(posted);
    if (email === undefined) return [];
    return (await followEmail({ client, email, timeoutMs: FOLLOW_TIMEOUT_MS })).spans;
  }));
  const most = traces.reduce((most, spans) => spans.length > most.length ? spans : most, []);
  console.log(drawWaterfall(most, terminalOptions()));
}
