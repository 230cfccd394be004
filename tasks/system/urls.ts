import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "@playground/shared/configuration";
import { z } from "zod";
import { readSettings, taskCommand } from "./settings.ts";
import { isRunning, privateFile } from "./state_folder.ts";

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

const URLS = "urls.json";
const VARIABLES = "variables.json";

/** Says where the development system is, once it is ready. Synchronous: a signal finds both files or neither. */
export function writeUrls(
  stateDirectory: string,
  urls: PlaygroundUrls,
  variables: Environment,
): void {
  writeJson(join(stateDirectory, VARIABLES), variables);
  writeJson(join(stateDirectory, URLS), urls);
}

/** Renamed into place, so that no reader sees half of it. Only its owner may read it: it holds credentials. */
function writeJson(path: string, value: object): void {
  privateFile(`${path}.new`);
  Deno.writeTextFileSync(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`);
  Deno.renameSync(`${path}.new`, path);
}

/** Where the development system is; `undefined` where none runs, even if a killed one left its file. */
export async function readUrls(stateDirectory: string): Promise<PlaygroundUrls | undefined> {
  const json = await readJson(stateDirectory, URLS);
  return json === undefined ? undefined : urlsSchema.parse(json);
}

/** Why a command cannot reach the development system, and what to do. */
export function notRunning(stateDirectory: string): string {
  return `the playground is not running; start it with: ${taskCommand("dev", stateDirectory)}`;
}

/** The configuration of the running development system's services; empty where none runs. */
export async function readRunningVariables(stateDirectory: string): Promise<Environment> {
  return z.record(z.string(), z.string()).parse(await readJson(stateDirectory, VARIABLES) ?? {});
}

/** A command's effective settings: its own, then those of the running development system. */
export async function knownSettings(stateDirectory: string): Promise<Environment> {
  return { ...await readRunningVariables(stateDirectory), ...await readSettings() };
}

/** The message server given to a command, else the development system's; and its `API_TOKEN`, if any. */
export async function knownServer(
  given: URL | undefined,
  stateDirectory: string,
): Promise<{ readonly url: URL; readonly apiToken: string | undefined } | undefined> {
  const urls = await readUrls(stateDirectory);
  const url = given?.href ?? urls?.messageServer;
  if (url === undefined) return undefined;
  const settings = given === undefined ? await knownSettings(stateDirectory) : await readSettings();
  return { url: new URL(url), apiToken: settings.API_TOKEN };
}

async function readJson(stateDirectory: string, name: string): Promise<unknown> {
  try {
    const text = await Deno.readTextFile(join(stateDirectory, name));
    return await isRunning(stateDirectory) ? JSON.parse(text) : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Removes the files, at a stop or before a start. */
export function removeUrls(stateDirectory: string): void {
  for (const name of [URLS, VARIABLES]) rmSync(join(stateDirectory, name), { force: true });
}
