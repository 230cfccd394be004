import { join } from "node:path";
import { temporaryFolder, waitFor } from "@playground/shared/testing";
import { bakedFlags, BUNDLE_FLAGS, writeBundle } from "@playground/tasks/compile";
import { readRunning, ROOT } from "@playground/tasks/running-system";
import { STAND_IN_NAMES } from "@playground/tasks/standins";
import { ManagedProcess, SERVICE_NAMES, type ServiceName } from "@playground/tasks/system";
import { residentBytes } from "../../fixture/process_memory.ts";
import {
  answersOk,
  ServiceProcess,
  type ServiceProcessOptions,
} from "../../fixture/service_process.ts";
import type { BenchContext } from "../backing.ts";
import { startStandInsProcess } from "../../fixture/stand_ins_process.ts";
import { proportionalBytes } from "../measure/process_figures.ts";
import { formatNumber, interleave, quantile } from "../measure/samples.ts";
import { figureRow, type Row, type RowFacts } from "../row.ts";

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
  const { variables: environment } = await startStandInsProcess([...STAND_IN_NAMES], resources);
  const { path: directory } = resources.use(await temporaryFolder());
  const rows: Row[] = [];
  for (const name of SERVICE_NAMES) {
    progress(`start, ${name}`);
    const side = (form: "sources" | "bundle", options: StartOptions) => {
      const megabytes: number[] = [];
      const run = async () => {
        signal.throwIfAborted();
        const startedAt = performance.now();
        await using service = new ServiceProcess(name, { environment, ...options });
        await waitFor(`${name} answers`, () => answersOk(`${service.url}/healthz`));
        const tookMs = performance.now() - startedAt;
        await service.ready();
        megabytes.push(await residentBytes(service.pid) / 1e6);
        return tookMs;
      };
      return { name: form, megabytes, run };
    };
    const sides = [side("sources", {}), side("bundle", await bundleOf(name, directory))];
    const samples = await interleave(sides, rounds);
    for (const { name: form, megabytes } of sides) {
      const what = `Start of the ${name}, ${form === "sources" ? "deno run" : "bundle"}`;
      const detail = `${formatNumber(quantile(megabytes, 0.5))} MB when ready`;
      const facts = { id: `start.${name}.${form}`, what, components: "stand-ins", detail } as const;
      rows.push(figureRow(facts, "ms", samples[form]));
    }
  }
  return rows;
}

async function bundleOf(name: ServiceName, directory: string): Promise<StartOptions> {
  const path = join(directory, `${name}.js`);
  const result = await writeBundle(name, path, "unknown");
  if (!result.ok) throw new Error(result.problem);
  return { args: () => ["run", ...BUNDLE_FLAGS, ...bakedFlags(name, {}), path], cwd: directory };
}

async function measureDev({ rounds, signal, progress }: BenchContext): Promise<readonly Row[]> {
  progress("start, deno task dev");
  const readyMs: number[] = [];
  const megabytes: number[] = [];
  for (let round = 0; round < rounds; round++) {
    signal.throwIfAborted();
    await using resources = new AsyncDisposableStack();
    const { path: state } = resources.use(await temporaryFolder());
    const startedAt = performance.now();
    const dev = resources.use(
      new ManagedProcess({
        name: "dev",
        args: ["task", "dev", "--state", state],
        environment: {},
        cwd: ROOT,
        onLine: () => {},
      }),
    );
    const isReady = async () => await readRunning(state) !== undefined;
    await waitFor("the system is ready", isReady, READY_TIMEOUT_MS);
    readyMs.push(performance.now() - startedAt);
    const bytes = await Promise.all((await familyOf(dev.pid)).map(proportionalBytes));
    megabytes.push(bytes.reduce((sum, value) => sum + value, 0) / 1e6);
    Deno.kill(dev.pid, "SIGTERM");
    await dev.ended;
  }
  const facts = (id: string, what: string, atMost: number): RowFacts => ({
    id: `stand-ins.dev.${id}`,
    what: `deno task dev: ${what}`,
    components: "stand-ins",
    goal: { atMost },
  });
  const whose = "memory of all its processes, what they share counted once";
  return [
    figureRow(facts("ready", "until the system is ready", 800), "ms", readyMs),
    figureRow(facts("memory", whose, 220), "MB", megabytes),
  ];
}

async function familyOf(pid: number): Promise<readonly number[]> {
  const children = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`);
  const pids = children.split(" ").filter((text) => text !== "").map(Number);
  return [pid, ...(await Promise.all(pids.map(familyOf))).flat()];
}
