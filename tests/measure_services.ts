/**
 * Measures the figures of OPERATIONS.md: how soon each service has started and what memory it holds, from its sources and as a
 * bundle; and how many emails a second one server accepts, one emailer delivers and one poller archives.
 *
 * `deno run -A tests/measure_services.ts [--emails N]`, on Linux. RabbitMQ, Zipkin and MongoDB are those that TEST_AMQP_URL,
 * TEST_ZIPKIN_URL and TEST_MONGODB_URL name, or stand-ins in a process of their own; Mailtrap is always the stand-in. The steps
 * come one after the other: while emails are accepted, no emailer runs.
 *
 * @module
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { QUEUE } from "@playground/shared/amqp";
import type { Environment } from "@playground/shared/configuration";
import { waitFor } from "@playground/shared/testing";
import { bakedFlags, BUNDLE_FLAGS, writeBundle } from "@playground/tasks/compile";
import { ManagedProcess, SERVICE_NAMES, type ServiceName } from "@playground/tasks/launcher";
import { ROOT } from "@playground/tasks/playground";
import { connect } from "amqplib";
import { MongoClient } from "mongodb";
import { acceptEmail, ServiceProcess } from "./testing/service_process.ts";

const REPEATS = 5;
/** Callers that post at the same time, each one email after the other. */
const CALLERS = 64;
const TIMEOUT_MS = 600_000;

const { values } = parseArgs({
  args: Deno.args,
  options: { emails: { type: "string", default: "2000" } },
});
const emailCount = Number(values.emails);

await using resources = new AsyncDisposableStack();
const directory = await Deno.makeTempDir();
resources.defer(() => Deno.remove(directory, { recursive: true }));
const environment = await startBackingServices();

console.log(`Deno ${Deno.version.deno}, ${navigator.hardwareConcurrency} cores`);
console.log(`\nMedian of ${REPEATS} starts, from sources and as a bundle\n`);
for (const name of SERVICE_NAMES) {
  const fromSources = await measureStarts(name, {});
  const asBundle = await measureStarts(name, { args: await bundleArgs(name), cwd: directory });
  console.log(`${name.padEnd(15)}  ${fromSources}   ${asBundle}`);
}
await measureThroughput();

async function startBackingServices(): Promise<Environment> {
  const real = {
    amqp: Deno.env.get("TEST_AMQP_URL"),
    zipkin: Deno.env.get("TEST_ZIPKIN_URL"),
    mongodb: Deno.env.get("TEST_MONGODB_URL"),
  };
  const embedded = Object.entries(real).flatMap(([name, url]) => url === undefined ? [name] : []);
  console.log(`Stand-ins: ${[...embedded, "mailtrap"].join(", ")}`);
  const ready = Promise.withResolvers<Environment>();
  resources.use(
    new ManagedProcess({
      name: "stand-ins",
      args: [
        "run",
        "-P=standins",
        "tasks/standins/main.ts",
        "--any-port",
        `--state=${directory}`,
        ...embedded,
        "mailtrap",
      ],
      environment: {},
      cwd: ROOT,
      onLine: (line) => {
        if (line.startsWith("READY ")) ready.resolve(JSON.parse(line.slice("READY ".length)));
      },
    }),
  );
  const given = {
    ...(real.amqp === undefined ? {} : { AMQP_URL: real.amqp }),
    ...(real.zipkin === undefined ? {} : { ZIPKIN_URL: real.zipkin }),
    ...(real.mongodb === undefined
      ? {}
      : { MONGODB_URL: `${real.mongodb}/measure-${crypto.randomUUID()}` }),
  };
  return { ...given, ...await ready.promise, POLL_INTERVAL_SECONDS: "1" };
}

async function bundleArgs(name: ServiceName) {
  const path = join(directory, `${name}.js`);
  const result = await writeBundle(name, path, "unknown");
  if (!result.ok) throw new Error(result.problem);
  return () => ["run", ...BUNDLE_FLAGS, ...bakedFlags(name, {}), path];
}

/** Milliseconds from the start to the first answer, and the memory held when it is ready. */
async function measureStarts(
  name: ServiceName,
  options: Pick<ConstructorParameters<typeof ServiceProcess>[1], "args" | "cwd">,
): Promise<string> {
  const starts: number[] = [];
  const memories: number[] = [];
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const startedAt = performance.now();
    await using service = new ServiceProcess(name, { environment, ...options });
    await waitFor(`${name} answers`, async () => {
      const response = await fetch(`${service.url}/healthz`).catch(() => undefined);
      await response?.body?.cancel();
      return response?.ok ?? false;
    });
    starts.push(performance.now() - startedAt);
    await service.ready();
    memories.push(await residentMegabytes(service.pid));
  }
  return `${median(starts).toFixed(0).padStart(4)} ms ${
    median(memories).toFixed(0).padStart(4)
  } MB`;
}

async function measureThroughput(): Promise<void> {
  console.log(`\n${emailCount} emails of a few words, one service of each kind\n`);
  const broker = await connect(environment.AMQP_URL ?? "");
  const channel = await broker.createChannel();
  const mongo = new MongoClient(environment.MONGODB_URL ?? "");
  const archive = mongo.db(new URL(environment.MONGODB_URL ?? "").pathname.slice(1));
  try {
    const server = resources.use(new ServiceProcess("message-server", { environment }));
    await server.ready();
    const answersMs: number[] = [];
    let toPost = emailCount;
    await report("accepted", server, async () => {
      await Promise.all(Array.from({ length: CALLERS }, async () => {
        while (toPost-- > 0) {
          const postedAt = performance.now();
          await acceptEmail(server);
          answersMs.push(performance.now() - postedAt);
        }
      }));
    });
    answersMs.sort((a, b) => a - b);
    const percentile = (share: number) =>
      (answersMs[Math.floor(share * (answersMs.length - 1))] ?? 0).toFixed(0);
    console.log(
      `           answered in ${percentile(0.5)} ms (median), ${percentile(0.99)} ms (p99)`,
    );

    const emailer = resources.use(new ServiceProcess("emailer", { environment }));
    await report("delivered", emailer, async () => {
      const isDone = () =>
        emailer.lines.filter((line) => line.includes("Delivered email")).length >= emailCount;
      await waitFor("all are delivered", isDone, TIMEOUT_MS);
    });
    const { messageCount } = await channel.checkQueue(QUEUE);
    if (messageCount > 0) throw new Error(`Cannot measure: ${messageCount} messages are left over`);

    const poller = resources.use(new ServiceProcess("mail-poller", { environment }));
    await report("archived", poller, async () => {
      const isDone = async () => await archive.collection("raw").countDocuments() >= emailCount;
      await waitFor("all are archived", isDone, TIMEOUT_MS);
    });
  } finally {
    await mongo.close();
    await broker.close();
  }
}

async function report(
  what: string,
  service: ServiceProcess,
  work: () => Promise<void>,
): Promise<void> {
  const startedAt = performance.now();
  await work();
  const seconds = (performance.now() - startedAt) / 1000;
  const memory = (await residentMegabytes(service.pid)).toFixed(0);
  console.log(
    `${what.padEnd(9)}  ${
      (emailCount / seconds).toFixed(0).padStart(5)
    } a second; ${memory} MB afterwards`,
  );
}

async function residentMegabytes(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1000;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;
}
