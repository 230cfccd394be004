/**
 * `deno task up`: builds the images, starts the containers, waits until they are healthy and ready, and says where everything is.
 *
 * It checks that Docker is there (`docker.ts`) and completes `.env` with passwords (`passwords.ts`) and, on a terminal, a Mailtrap
 * account; Compose does the rest. `down.ts` and `logs.ts` each call it once.
 *
 * @module
 */
import { sleep } from "@playground/shared/time";
import { currentCommit } from "@playground/tasks/compile";
import { planStandIns } from "@playground/tasks/system";
import { appendSettings, readEnvFile, readSettings } from "@playground/tasks/running-system";
import { fail, positiveNumber, startTask, taskCommandLine } from "@playground/tasks/terminal";
import {
  envFileOption,
  existingVolumes,
  problemsOfReplicas,
  requireDocker,
  runCompose,
} from "./docker.ts";
import { askForMailtrapAccount } from "./mailtrap_account.ts";
import { explainRefusals, isRefusedPassword, missingPasswords } from "./passwords.ts";
import { describeContainers } from "./summary.ts";

/** A service that is not ready by then will not recover: everything else is already healthy. */
const READY_TIMEOUT_MS = 60_000;
const ASK_INTERVAL_MS = 1_000;

const { build, scale, timeout, ask, envFile } = taskCommandLine(
  "up",
  "Starts the whole system in containers, with Docker Compose, and waits until it is healthy.",
)
  .option("--no-build", "start existing images; build none")
  .option("--scale <name=n...>", "run N containers of emailer or mail-poller; may be repeated")
  .option("--timeout <seconds>", "how long to wait until all is healthy", positiveNumber, 300)
  .option("--ask", "ask for a Mailtrap account")
  .addOption(envFileOption("the settings; new passwords for RabbitMQ and MongoDB go there"))
  .addHelpText(
    "after",
    `
Without the four MAILTRAP_ lines in .env a stand-in takes the mails. Without a .env, up
offers to ask for them.`,
  )
  .parse(startTask(), { from: "user" }).opts();

await requireDocker("start the containers");
await completeSettings();
const settings = await readSettings(envFile);
const code = await runCompose(
  [
    "up",
    "--detach",
    ...(build ? ["--build"] : []),
    "--wait",
    `--wait-timeout=${timeout}`,
    "--remove-orphans",
    ...(scale ?? []).map((text) => `--scale=${text}`),
  ],
  envFile,
  { COMPOSE_COMMIT: await currentCommit() },
);
if (code !== 0) {
  fail(
    "Cannot start the containers: see above; deno task logs shows their output, deno task down stops them",
  );
}
const problems = await problemsLeft();
if (problems.length > 0) {
  fail("Cannot send emails with what was started:", [
    ...new Set(problems),
    ...explainRefusals(problems, envFile),
  ]);
}
console.log(describeContainers(settings));

/** Asks our services until all are ready, or waiting cannot help: Compose only waits until they live. */
async function problemsLeft(): Promise<readonly string[]> {
  const deadline = Date.now() + Math.min(timeout * 1000, READY_TIMEOUT_MS);
  for (;;) {
    const problems = await problemsOfReplicas(envFile);
    if (problems.every(isRefusedPassword) || Date.now() >= deadline) return problems;
    await sleep(ASK_INTERVAL_MS);
  }
}

async function completeSettings(): Promise<void> {
  const isFirstTime = Object.keys(await readEnvFile(envFile)).length === 0;
  const before = await readSettings(envFile);
  if (ask || (isFirstTime && before.MAILTRAP_USER === undefined && isTerminal())) {
    const account = await askForMailtrapAccount();
    if (account === undefined) fail("Nothing was started");
    if (Object.keys(account).length > 0) {
      await appendSettings(envFile, "The Mailtrap account", account);
    }
  }
  const plan = planStandIns(await readSettings(envFile));
  if (!plan.ok) fail("Cannot start the containers: the settings are not complete", plan.problems);
  const passwords = missingPasswords(before, await existingVolumes());
  if (Object.keys(passwords).length > 0) {
    await appendSettings(envFile, "Made by deno task up, for its containers", passwords);
  }
}

function isTerminal(): boolean {
  return Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
}
