import { Option } from "@commander-js/extra-typings";
import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseEnv } from "node:util";
import type { Environment } from "@playground/shared/configuration";
import { failureReason } from "@playground/shared/http";

/** The root of the project: the folder that holds `deno.json`. */
export const ROOT: string = join(import.meta.dirname ?? ".", "..", "..");

/** Where the development system keeps its state; git ignores it. */
export const STATE_DIRECTORY: string = join(ROOT, ".playground");

/** The settings: those of `.env`, if there is one, and over it the environment. An empty value is unset. */
export async function readSettings(envFile: string = join(ROOT, ".env")): Promise<Environment> {
  const settings = { ...await readEnvFile(envFile), ...Deno.env.toObject() };
  const set = Object.entries(settings).filter(([, value]) => value !== "");
  return forSeveralServices(Object.fromEntries(set));
}

/** A shared service name would merge the three services. Zipkin's address has a single name here. */
function forSeveralServices(settings: Environment): Environment {
  const { OTEL_SERVICE_NAME: _, OTEL_EXPORTER_ZIPKIN_ENDPOINT: endpoint, ...others } = settings;
  const attributes = others.OTEL_RESOURCE_ATTRIBUTES?.split(",")
    .filter((pair) => !/^\s*service\.name\s*=/.test(pair)).join();
  return {
    ...(endpoint === undefined ? {} : { ZIPKIN_URL: endpoint }),
    ...others,
    ...(attributes === undefined ? {} : { OTEL_RESOURCE_ATTRIBUTES: attributes }),
  };
}

/** Reads a file of settings, such as `.env`; one that is not there has none. */
export async function readEnvFile(path: string): Promise<Environment> {
  try {
    return parseEnv(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw new Error(
      `Cannot read ${path}: ${failureReason(error)}; make it a file that you may read`,
    );
  }
}

/** Adds settings to a file such as `.env`; existing lines stay as they are. Only the owner can read a new file. */
export async function appendSettings(
  path: string,
  comment: string,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  const lines = Object.entries(settings).map(([name, value]) => {
    if (/['\r\n]/.test(value)) {
      throw new RangeError(`Cannot write ${name} to ${path}: it contains a quote or a line end`);
    }
    return `${name}=${/^[\w.:/-]*$/.test(value) ? value : `'${value}'`}`;
  });
  const block = [`# ${comment}`, ...lines].join("\n");
  const hasContent = (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
  const separator = hasContent ? "\n" : "";
  await Deno.writeTextFile(path, `${separator}${block}\n`, { append: true, mode: 0o600 });
}

/** `--state DIR`: which development system a command is about. */
export function stateOption(
  description = "the system that deno task dev --state DIR started",
): Option<"--state <dir>", undefined, string, string> {
  return new Option("--state <dir>", description)
    .argParser(readStateDirectory)
    .default(STATE_DIRECTORY, ".playground");
}

/** An empty value is a script's unset variable, not the project's folder. */
export function readStateDirectory(text: string): string {
  return text === "" ? STATE_DIRECTORY : resolve(text);
}

/** A command that reaches the development system of a folder, to be typed into a shell. */
export function taskCommand(words: string, stateDirectory: string): string {
  const command = `deno task ${words}`;
  return stateDirectory === STATE_DIRECTORY
    ? command
    : withOption(command, "state", stateDirectory);
}

/** A command with one more option, to be typed into a shell. */
export function withOption(command: string, name: string, value: string): string {
  const isPlain = /^[\w./:@%+,-]+$/.test(value);
  return `${command} --${name} ${isPlain ? value : `'${value.replaceAll("'", `'\\''`)}'`}`;
}
