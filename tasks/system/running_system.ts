/**
 * The development system as other commands find it: its folder, its settings, and where it runs.
 *
 * @module
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "@playground/shared/configuration";
import { z } from "zod";
import { fail } from "../terminal/command_line.ts";
import { readSettings, taskCommand } from "./settings.ts";
import { isRunning, privateFile } from "./state_folder.ts";

export * from "./settings.ts";
export { clearState, takeLock } from "./state_folder.ts";

const urlsSchema = z.object({
  messageServer: z.string(),
  /** The services' address; empty without a collector. */
  zipkin: z.string(),
  amqp: z.string(),
  mongodb: z.string(),
  mailtrapApi: z.string(),
  smtp: z.string(),
  emailer: z.string(),
  /** The control API of the stand-ins' faults; absent where no stand-in runs. */
  faults: z.string().optional(),
}).readonly();

/** Where the parts of the running development system are. */
export type PlaygroundUrls = z.output<typeof urlsSchema>;

const variablesSchema = z.object({ variables: z.record(z.string(), z.string()) });

/** A development system that is ready. */
export interface RunningSystem {
  readonly urls: PlaygroundUrls;
  /** The configuration of its services. */
  readonly variables: Environment;
}

const URLS = "urls.json";

/** Says where the development system is, once it is ready. Synchronous: a signal finds the whole file or none. */
export function writeRunning(stateDirectory: string, { urls, variables }: RunningSystem): void {
  const path = join(stateDirectory, URLS);
  // Renamed into place, so that no reader sees half of it. Only its owner may read it: it holds credentials.
  privateFile(`${path}.new`);
  Deno.writeTextFileSync(`${path}.new`, `${JSON.stringify({ ...urls, variables }, null, 2)}\n`);
  Deno.renameSync(`${path}.new`, path);
}

/** The running development system; `undefined` where none runs, even if a killed one left its file. */
export async function readRunning(stateDirectory: string): Promise<RunningSystem | undefined> {
  try {
    const text = await Deno.readTextFile(join(stateDirectory, URLS));
    if (!await isRunning(stateDirectory)) return undefined;
    const json: unknown = JSON.parse(text);
    return { urls: urlsSchema.parse(json), ...variablesSchema.parse(json) };
  } catch (error) {
    const { NotFound, NotADirectory } = Deno.errors;
    if (error instanceof NotFound || error instanceof NotADirectory) return undefined;
    throw error;
  }
}

/** Removes what {@linkcode writeRunning} has written, at a stop or before a start. */
export function removeRunning(stateDirectory: string): void {
  rmSync(join(stateDirectory, URLS), { force: true });
}

/** Why a command cannot reach the development system, and what to do. */
export function notRunning(stateDirectory: string): string {
  return `the playground is not running; start it with: ${taskCommand("dev", stateDirectory)}`;
}

/** A command's effective settings: its own, then those of the running development system. */
export async function knownSettings(stateDirectory: string): Promise<Environment> {
  return { ...(await readRunning(stateDirectory))?.variables, ...await readSettings() };
}

/** The message server given to a command, else the development system's; and its `API_TOKEN`, if any. Without one, the command ends. */
export async function serverToSendTo(
  { server: given, state }: { readonly server?: URL | undefined; readonly state: string },
): Promise<{ readonly url: URL; readonly apiToken: string | undefined }> {
  const settings = await readSettings();
  if (given !== undefined) return { url: given, apiToken: settings.API_TOKEN };
  const running = await readRunning(state);
  if (running === undefined) fail(`Cannot send: ${notRunning(state)}, or give --server URL`);
  const { API_TOKEN } = { ...running.variables, ...settings };
  return { url: new URL(running.urls.messageServer), apiToken: API_TOKEN };
}
