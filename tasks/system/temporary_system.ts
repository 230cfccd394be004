import type { Environment } from "@playground/shared/configuration";
import { planStandIns } from "./plan.ts";
import { writeRunning } from "./running_system.ts";
import { takeLock } from "./state_folder.ts";
import { type PlaygroundSystem, startSystem } from "./system.ts";

interface TemporarySystemOptions {
  /** Settings as in `.env`. */
  readonly settings: Environment;
  /** An existing state folder. @default a temporary one, removed with the system */
  readonly stateDirectory?: string | undefined;
  readonly signal: AbortSignal;
}

/** A system for one lesson or test. Disposing it stops it. */
export interface TemporarySystem extends AsyncDisposable {
  readonly system: PlaygroundSystem;
  /** The lines that its processes wrote, each after its part's name. */
  readonly lines: readonly string[];
}

/**
 * Starts a system on free ports, beside any other. It polls every second.
 *
 * @throws {Error} If it does not start, with its processes' output.
 */
export async function startTemporarySystem(
  { settings, stateDirectory, signal }: TemporarySystemOptions,
): Promise<TemporarySystem> {
  await using resources = new AsyncDisposableStack();
  const state = stateDirectory ?? await Deno.makeTempDir({ prefix: "playground-" });
  if (stateDirectory === undefined) resources.defer(() => Deno.remove(state, { recursive: true }));
  const lock = await takeLock(state);
  if (lock !== undefined) resources.use(lock);
  const plan = planStandIns(settings);
  if (!plan.ok) throw new Error(plan.problems.join("; "));
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
