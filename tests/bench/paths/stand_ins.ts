import { join } from "node:path";
import { waitFor } from "@playground/shared/testing";
import { ManagedProcess } from "@playground/tasks/system";
import { readUrls, ROOT } from "@playground/tasks/running-system";
import { COLLECTION } from "@playground/poller/archive";
import { MongoClient } from "mongodb";
import { ServiceProcess } from "../../fixture/service_process.ts";
import { startStandIns } from "../backing.ts";
import type { BenchContext } from "../context.ts";
import { processStarter } from "../measure/bench_process.ts";
import { proportionalBytes } from "../measure/process_figures.ts";
import { BenchQueues } from "../measure/queues.ts";
import type { LoadCommand, LoadResult } from "../processes/load_generator.ts";
import { figureRow, type Row } from "../row.ts";

const TIMEOUT_MS = 300_000;

/**
 * Stand-ins: what a person at `deno task dev` gets. How fast the emails pass the services when every backing service is a
 * stand-in, how soon the system is ready, and what memory it holds.
 */
export async function measureStandIns(context: BenchContext): Promise<readonly Row[]> {
  return [...await measureChain(context), ...await measureDev(context)];
}

/** One service after the other, so that each has the machine for itself and the stand-ins. */
async function measureChain({ isShort, signal, progress }: BenchContext): Promise<readonly Row[]> {
  progress("stand-ins, one service after the other");
  const count = isShort ? 500 : 5_000;
  await using resources = new AsyncDisposableStack();
  const { variables } = resources.use(
    await startStandIns(["zipkin", "amqp", "mailtrap", "mongodb"]),
  );
  const environment = { ...variables, POLL_INTERVAL_SECONDS: "1" };
  const generator = await processStarter(resources, signal)("load_generator");
  const queues = resources.use(await BenchQueues.open(variables.AMQP_URL ?? ""));
  const mongo = resources.adopt(
    new MongoClient(variables.MONGODB_URL ?? ""),
    (client) => client.close(),
  );
  const timed = async (what: string, isDone: () => Promise<boolean>) => {
    const startedAt = performance.now();
    await waitFor(what, isDone, TIMEOUT_MS);
    return count / ((performance.now() - startedAt) / 1000);
  };

  const server = resources.use(new ServiceProcess("message-server", { environment }));
  await server.ready();
  const load: LoadCommand = { url: server.url, connections: 64, count };
  const { seconds } = await generator.call<LoadResult>(load);
  const emailer = resources.use(new ServiceProcess("emailer", { environment }));
  await emailer.ready();
  const delivered = await timed("all are delivered", async () => await queues.depth() === 0);
  const poller = resources.use(new ServiceProcess("mail-poller", { environment }));
  await poller.ready();
  const archive = mongo.db().collection(COLLECTION);
  const archived = await timed(
    "all are archived",
    async () => await archive.countDocuments() === count,
  );
  const row = (id: string, what: string, rate: number) =>
    figureRow(
      { id: `stand-ins.${id}`, what: `Stand-ins only: ${what}`, components: "stand-ins" },
      "emails/s",
      [rate],
    );
  return [
    row("accepted", "accepted by the message server", count / seconds),
    row("delivered", "delivered by the emailer, with TLS", delivered),
    row("archived", "archived by the mail poller", archived),
  ];
}

async function measureDev({ rounds, signal, progress }: BenchContext): Promise<readonly Row[]> {
  progress("stand-ins, deno task dev");
  const readyMs: number[] = [];
  const megabytes: number[] = [];
  for (let round = 0; round < rounds; round++) {
    signal.throwIfAborted();
    const directory = await Deno.makeTempDir();
    try {
      const startedAt = performance.now();
      await using dev = new ManagedProcess({
        name: "dev",
        args: ["task", "dev", "--state", join(directory, "state")],
        environment: {},
        cwd: ROOT,
        onLine: () => {},
      });
      await waitFor(
        "the system is ready",
        async () => await readUrls(join(directory, "state")) !== undefined,
        TIMEOUT_MS,
      );
      readyMs.push(performance.now() - startedAt);
      const pids = await familyOf(dev.pid);
      const bytes = await Promise.all(pids.map(proportionalBytes));
      megabytes.push(bytes.reduce((sum, value) => sum + value, 0) / 1e6);
      Deno.kill(dev.pid, "SIGTERM");
      await dev.ended;
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  }
  return [
    figureRow(
      {
        id: "stand-ins.dev.ready",
        what: "deno task dev: until the system is ready",
        components: "stand-ins",
        goal: { atMost: 1_000 },
      },
      "ms",
      readyMs,
    ),
    figureRow(
      {
        id: "stand-ins.dev.memory",
        what: "deno task dev: memory of all its processes, what they share counted once",
        components: "stand-ins",
        goal: { atMost: 400 },
      },
      "MB",
      megabytes,
    ),
  ];
}

/** A process and all that it started, directly or not. */
async function familyOf(pid: number): Promise<readonly number[]> {
  const children = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`);
  const pids = children.split(" ").filter((text) => text !== "").map(Number);
  return [pid, ...(await Promise.all(pids.map(familyOf))).flat()];
}
