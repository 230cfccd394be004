/**
 * Sends generated requests to a message server: none may be answered 5xx other than 503.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { fuzz } from "./run.ts";
import { withFuzzedServer } from "./server.ts";

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "100000" },
    seed: { type: "string", default: String(crypto.getRandomValues(new Uint32Array(1))[0]) },
    help: { type: "boolean", short: "h" },
  },
});
const count = Number(values.requests);
const seed = Number(values.seed);

if (values.help || !Number.isInteger(count) || !Number.isInteger(seed)) {
  console.log(
    `Sends generated requests to a message server; none may be answered 5xx other than 503.

Usage: deno task test:fuzz [options]

  --requests N  how many (default 100000)
  --seed N      repeat the requests of a run (default: any; it is printed)
  --help        this text`,
  );
  Deno.exit(values.help ? 0 : 2);
}

await withFuzzedServer(async (server) => {
  console.log(`${count} requests with the seed ${seed}`);
  const { counts, failures } = await fuzz({ url: new URL(server.url), count, seed });
  for (const [answer, times] of counts) console.log(`${answer.padEnd(10)} ${times}`);
  const errors = server.lines.filter((line) => /Request failed|"level":"ERROR"/.test(line));
  for (const failure of [...failures, ...errors].slice(0, 20)) console.error(failure);
  console.log(`${failures.length} failures, ${errors.length} errors in the log`);
  if (failures.length + errors.length > 0) Deno.exitCode = 1;
});
