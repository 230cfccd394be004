import type { Environment } from "@playground/shared/configuration";
import { planStandIns } from "./plan.ts";
import { writeRunning } from "./running_system.ts";
import { takeLock } from "./state_folder.ts";
import { startSystem } from "./system.ts";

interface TemporarySystemOptions {
  /** Settings as in `.env`. */
  readonly settings: Environment;
  /** An existing state folder. @default a temporary one, removed with the system */
  readonly stateDirectory?: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Starts a system on free ports, for one lesson or test, beside any other. It polls every second. Disposing it stops it; `lines`
 * are those that its processes wrote, each after its part's name.
 *
 * @throws {Error} If it does not start, with its processes' output.
 */
export async function startTemporarySystem(
  { settings, stateDirectory, signal }: TemporarySystemOptions,
) {
  await using resources = new AsyncDisposableStack();
  const state = stateDirectory ?? await Deno.makeTempDir({ prefix: "playground-" });
  if (stateDirectory === undefined) resources.defer(() => Deno.remove(state, { recursive: true }));
  resources.use(await takeLock(state));
  const plan = planStandIns(settings);
  if (!plan.ok) throw new Error(`Cannot start a system: ${plan.problems.join("; ")}`);
  const lines: string[] = [];
  const system = resources.use(
    await startSystem({
      settings: { POLL_INTERVAL_SECONDS: "1", ...settings },
      embedded: plan.embedded,
      stateDirectory: state,
      outputOf: (name) => (line) => lines.push(`${name}: ${line}`),
      signal,
      anyPort: true,
    }).catch((error) => {
      throw new Error(`${error instanceof Error ? error.message : error}\n${lines.join("\n")}`);
    }),
  );
  writeRunning(state, system);
  return Object.assign(resources.move(), { system, lines });
}
