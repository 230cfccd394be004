import { join } from "node:path";
import type { Environment } from "@playground/shared/configuration";
import { z } from "zod";

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

/** Tells where the development system is, once it is ready. */
export async function writeUrls(
  stateDirectory: string,
  urls: PlaygroundUrls,
  standInVariables: Readonly<Record<string, string>>,
): Promise<void> {
  await writeJson(join(stateDirectory, VARIABLES), standInVariables);
  await writeJson(join(stateDirectory, URLS), urls);
}

/** Renamed into place, so that no reader sees half of it; for its owner's eyes only. */
async function writeJson(path: string, value: object): Promise<void> {
  await Deno.writeTextFile(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  await Deno.rename(`${path}.new`, path);
}

/** Where the development system is. */
export async function readUrls(stateDirectory: string): Promise<PlaygroundUrls | undefined> {
  const json = await readJson(join(stateDirectory, URLS));
  return json === undefined ? undefined : urlsSchema.parse(json);
}

/** Where the message server of the development system is. */
export async function runningServer(stateDirectory: string): Promise<URL | undefined> {
  const urls = await readUrls(stateDirectory);
  return urls === undefined ? undefined : new URL(urls.messageServer);
}

/** How to reach the stand-ins of the development system. */
export async function readStandInVariables(stateDirectory: string): Promise<Environment> {
  return z.record(z.string(), z.string()).parse(
    await readJson(join(stateDirectory, VARIABLES)) ?? {},
  );
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Takes the files away, at a stop or before a start. */
export async function removeUrls(stateDirectory: string): Promise<void> {
  for (const name of [URLS, VARIABLES]) {
    try {
      await Deno.remove(join(stateDirectory, name));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}
