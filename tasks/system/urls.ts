import { join } from "node:path";
import type { Environment } from "@playground/shared/configuration";
import { z } from "zod";
import { privateFile } from "./private_state.ts";
import { isRunning } from "./state_folder.ts";
import { taskCommand } from "./state_option.ts";

/** Where the parts of the running development system are. */
export interface PlaygroundUrls {
  /** The message server. */
  readonly messageServer: string;
  /** Zipkin, as the services reach it; empty when no collector is used. */
  readonly zipkin: string;
  /** RabbitMQ, with its credentials: the file is for its owner's eyes only. */
  readonly amqp: string;
  /** MongoDB. */
  readonly mongodb: string;
  /** The Mailtrap API. */
  readonly mailtrapApi: string;
  /** The mail server. */
  readonly smtp: string;
  /** The health port of the emailer. */
  readonly emailer: string;
  /** The control API of the stand-ins' faults; absent where no stand-in runs. */
  readonly faults?: string | undefined;
}

const urlsSchema = z.object({
  messageServer: z.string(),
  zipkin: z.string(),
  amqp: z.string(),
  mongodb: z.string(),
  mailtrapApi: z.string(),
  smtp: z.string(),
  emailer: z.string(),
  faults: z.string().optional(),
});

const URLS = "urls.json";
const VARIABLES = "variables.json";

/**
 * Tells where the development system is, once it is ready. In one go: a signal that ends the process finds all of it or nothing.
 */
export function writeUrls(
  stateDirectory: string,
  urls: PlaygroundUrls,
  variables: Environment,
): void {
  writeJson(join(stateDirectory, VARIABLES), variables);
  writeJson(join(stateDirectory, URLS), urls);
}

/** Renamed into place, so that no reader sees half of it; for its owner's eyes only. */
function writeJson(path: string, value: object): void {
  privateFile(`${path}.new`);
  Deno.writeTextFileSync(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`);
  Deno.renameSync(`${path}.new`, path);
}

/** Where the development system is; `undefined` where none runs, whatever a killed one has left. */
export async function readUrls(stateDirectory: string): Promise<PlaygroundUrls | undefined> {
  const json = await readJson(stateDirectory, URLS);
  return json === undefined ? undefined : urlsSchema.parse(json);
}

/** Why a command cannot reach the development system, and what to do. */
export function notRunning(stateDirectory: string): string {
  return `the playground is not running; start it with: ${taskCommand("dev", stateDirectory)}`;
}

/** A message server, and what it wants of its callers. */
export interface KnownServer {
  /** Its address. */
  readonly url: URL;
  /** Its `API_TOKEN`, where it has one. */
  readonly apiToken: string | undefined;
}

/** The message server of the development system. */
export async function runningServer(stateDirectory: string): Promise<KnownServer | undefined> {
  const urls = await readUrls(stateDirectory);
  if (urls === undefined) return undefined;
  const { API_TOKEN: apiToken } = await readRunningVariables(stateDirectory);
  return { url: new URL(urls.messageServer), apiToken };
}

/** What the services of the development system are configured with; nothing where none runs. */
export async function readRunningVariables(stateDirectory: string): Promise<Environment> {
  return z.record(z.string(), z.string()).parse(await readJson(stateDirectory, VARIABLES) ?? {});
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

/** Takes the files away, at a stop or before a start. */
export function removeUrls(stateDirectory: string): void {
  for (const name of [URLS, VARIABLES]) {
    try {
      Deno.removeSync(join(stateDirectory, name));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}
