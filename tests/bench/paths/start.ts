import { join } from "node:path";
import { temporaryFolder, waitFor } from "@playground/shared/testing";
import { bakedFlags, BUNDLE_FLAGS, writeBundle } from "@playground/tasks/compile";
import { readRunning } from "@playground/tasks/running-system";
import { STAND_IN_NAMES } from "@playground/tasks/standins";
import { ManagedProcess, SERVICE_NAMES, type ServiceName } from "@playground/tasks/system";
import { residentBytes } from "../../fixture/process_memory.ts";
import {
  answersOk,
  ServiceProcess,
  type ServiceProcessOptions,
} from "../../fixture/service_process.ts";
import type { BenchContext } from "../context.ts";
import { startStandInsProcess } from "../../../tasks/standins/testing.ts";
import { argsOf } from "../measure/bench_process.ts";
import { proportionalBytes } from "../measure/process_figures.ts";
import { formatNumber, interleave, median } from "../measure/samples.ts";
import type { Row } from "../row.ts";

type StartOptions = Pick<ServiceProcessOptions, "args" | "cwd">;

const READY_TIMEOUT_MS = 300_000;

/**
 * Start: how soon each service answers, from its sources and as a bundle, how soon `deno task dev` is ready, and what memory each
 * holds then.
 */
export async function measureStart(context: BenchContext): Promise<readonly Row[]> {
  return [...await measureDev(context), ...await measureServices(context)];
}

async function measureServices(
  { rounds, signal, progress }: BenchContext,
): Promise<readonly Row[]> {
  await using resources = new AsyncDisposableStack();
  const { variables: environment } = resources.use(await startStandInsProcess([...STAND_IN_NAMES]));
  const { path: directory } = resources.use(await temporaryFolder());
  const rows: Row[] = [];
  for (const name of SERVICE_NAMES) {
    progress(`start, ${name}`);
    const side = (options: StartOptions) => async () => {
      signal.throwIfAborted();
      const startedAt = performance.now();
      await using service = new ServiceProcess(name, { environment, ...options });
      await waitFor(`${name} answers`, () => answersOk(`${service.url}/healthz`));
      const tookMs = performance.now() - startedAt;
      await service.ready();
      return { tookMs, megabytes: await residentBytes(service.pid) / 1e6 };
    };
    const bundle = await bundleOf(name, directory);
    const samples = await interleave(
      { sources: side({ args: argsOf([]) }), bundle: side(bundle) },
      rounds,
    );
    for (const [form, text] of [["sources", "deno run"], ["bundle", "bundle"]] as const) {
      const megabytes = median(samples[form].map(({ megabytes }) => megabytes));
      rows.push({
        id: `start.${name}.${form}`,
        what: `Start of the ${name}, ${text}`,
        components: "stand-ins",
        unit: "ms",
        samples: samples[form].map(({ tookMs }) => tookMs),
        detail: `${formatNumber(megabytes)} MB when ready`,
      });
    }
  }
  return rows;
}

async function bundleOf(name: ServiceName, directory: string): Promise<StartOptions> {
  const path = join(directory, `${name}.js`);
  const problem = await writeBundle(name, path, "unknown");
  if (problem !== undefined) throw new Error(problem);
  return { args: () => ["run", ...BUNDLE_FLAGS, ...bakedFlags(name, {}), path], cwd: directory };
}

async function measureDev({ rounds, signal, progress }: BenchContext): Promise<readonly Row[]> {
  progress("start, deno task dev");
  const start = async () => {
    signal.throwIfAborted();
    await using resources = new AsyncDisposableStack();
    const { path: state } = resources.use(await temporaryFolder());
    const startedAt = performance.now();
    const dev = resources.use(
      new ManagedProcess({
        name: "dev",
        args: ["task", "dev", "--state", state],
        environment: {},
        onLine: () => {},
      }),
    );
    const isReady = async () => await readRunning(state) !== undefined;
    await waitFor("the system is ready", isReady, READY_TIMEOUT_MS);
    const readyMs = performance.now() - startedAt;
    const bytes = await Promise.all((await familyOf(dev.pid)).map(proportionalBytes));
    Deno.kill(dev.pid, "SIGTERM");
    await dev.ended;
    return { readyMs, megabytes: bytes.reduce((sum, value) => sum + value, 0) / 1e6 };
  };
  const { dev } = await interleave({ dev: start }, rounds);
  return [
    {
      id: "stand-ins.dev.ready",
      what: "deno task dev: until the system is ready",
      components: "stand-ins",
      unit: "ms",
      samples: dev.map(({ readyMs }) => readyMs),
      goal: { atMost: 800 },
    },
    {
      id: "stand-ins.dev.memory",
      what: "deno task dev: memory of all its processes, what they share counted once",
      components: "stand-ins",
      unit: "MB",
      samples: dev.map(({ megabytes }) => megabytes),
      goal: { atMost: 220 },
    },
  ];
}

async function familyOf(pid: number): Promise<readonly number[]> {
  const children = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`);
  const pids = children.split(" ").filter((text) => text !== "").map(Number);
  return [pid, ...(await Promise.all(pids.map(familyOf))).flat()];
}
