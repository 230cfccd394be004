import { join } from "node:path";
import { waitFor } from "@playground/shared/testing";
import { bakedFlags, BUNDLE_FLAGS, writeBundle } from "@playground/tasks/compile";
import { SERVICE_NAMES, type ServiceName } from "@playground/tasks/system";
import { ServiceProcess, type ServiceProcessOptions } from "../../fixture/service_process.ts";
import { startStandIns } from "../backing.ts";
import type { BenchContext } from "../context.ts";
import { interleave } from "../measure/interleave.ts";
import { residentBytes } from "../measure/process_figures.ts";
import { figureRow, type Row } from "../row.ts";
import { number } from "../text.ts";
import { quantile } from "../measure/statistics.ts";

type StartOptions = Pick<ServiceProcessOptions, "args" | "cwd">;

/**
 * Start: how soon each service answers, from its sources and as a bundle, and what memory it holds when it is ready.
 */
export async function measureStart(
  { rounds, signal, progress }: BenchContext,
): Promise<readonly Row[]> {
  await using standIns = await startStandIns(["zipkin", "amqp", "mailtrap", "mongodb"]);
  const directory = await Deno.makeTempDir();
  await using resources = new AsyncDisposableStack();
  resources.defer(() => Deno.remove(directory, { recursive: true }));
  const rows: Row[] = [];
  for (const name of SERVICE_NAMES) {
    progress(`start, ${name}`);
    const memories = { sources: [] as number[], bundle: [] as number[] };
    const bundle = await bundleOf(name, directory);
    const start = (form: keyof typeof memories, options: StartOptions) => async () => {
      signal.throwIfAborted();
      const startedAt = performance.now();
      await using service = new ServiceProcess(name, {
        environment: standIns.variables,
        ...options,
      });
      await answers(service);
      const tookMs = performance.now() - startedAt;
      await service.ready();
      memories[form].push(await residentBytes(service.pid) / 1e6);
      return tookMs;
    };
    const samples = await interleave([
      { name: "sources", run: start("sources", {}) },
      { name: "bundle", run: start("bundle", bundle) },
    ], rounds);
    for (const form of ["sources", "bundle"] as const) {
      rows.push(figureRow(
        {
          id: `start.${name}.${form}`,
          what: `Start of the ${name}, ${form === "sources" ? "deno run" : "bundle"}`,
          components: "stand-ins",
          detail: `${number(quantile(memories[form], 0.5))} MB when ready`,
        },
        "ms",
        samples[form],
      ));
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

async function answers(service: ServiceProcess): Promise<void> {
  await waitFor(`${service.name} answers`, async () => {
    const response = await fetch(`${service.url}/healthz`).catch(() => undefined);
    await response?.body?.cancel();
    return response?.ok ?? false;
  });
}
