/**
 * Sends generated requests to a message server: none may be answered 5xx other than 503.
 *
 * @module
 */
import { startTask, taskCommandLine, wholeNumber } from "@playground/tasks/terminal";
import { seedOption } from "../fixture/random.ts";
import { fuzz, withFuzzedServer } from "./run.ts";

const { requests: count, seed } = taskCommandLine(
  "test:fuzz",
  "Sends generated requests to a message server; none may be answered 5xx other than 503.",
)
  .option("--requests <n>", "how many", wholeNumber(1, Number.MAX_SAFE_INTEGER), 100_000)
  .addOption(seedOption("repeat the requests of a run"))
  .parse(startTask(), { from: "user" }).opts();

await withFuzzedServer(async (server) => {
  console.log(`${count} requests with the seed ${seed}`);
  const { counts, failures, errors } = await fuzz(server, count, seed);
  for (const [answer, times] of counts) console.log(`${answer.padEnd(10)} ${times}`);
  for (const failure of [...failures, ...errors].slice(0, 20)) console.error(failure);
  console.log(`${failures.length} failures, ${errors.length} errors in the log`);
  if (failures.length + errors.length > 0) Deno.exitCode = 1;
});
