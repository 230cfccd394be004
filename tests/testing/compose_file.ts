import { join } from "node:path";
import type { Environment } from "@playground/shared/configuration";
import { ROOT } from "@playground/tasks/playground";
import { parse } from "yaml";
import { z } from "zod";

/** What stands between a command and its list of words. */
const healthcheck = z.object({ test: z.array(z.string()) });

/** A container, as far as the tests look at it. What is not known here is let through. */
const container = z.object({
  image: z.string(),
  build: z.object({
    context: z.string(),
    dockerfile: z.string(),
    args: z.record(z.string(), z.string()),
  }).optional(),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck,
  hostname: z.string().optional(),
  container_name: z.string().optional(),
  restart: z.string(),
  mem_limit: z.string(),
  read_only: z.boolean().default(false),
  cap_drop: z.array(z.string()).default([]),
  cap_add: z.array(z.string()).default([]),
  privileged: z.boolean().default(false),
  network_mode: z.string().optional(),
  user: z.string().optional(),
  security_opt: z.array(z.string()).default([]),
});

const composeFile = z.object({
  name: z.string(),
  services: z.record(z.string(), container),
  volumes: z.record(z.string(), z.unknown()),
});

/** One container of the Compose file. */
export type Container = z.output<typeof container>;

/** The Compose file. */
export type ComposeFile = z.output<typeof composeFile>;

/** A reference to a variable: `${NAME}`, `${NAME:-default}` or `${NAME:+text}`; nothing else is used. */
const REFERENCE = /\$\{(?<name>\w+)(?::(?<operator>[-+])(?<text>[^${}]*))?\}/g;

/**
 * Reads `compose.yaml` as Docker Compose would.
 *
 * @throws {Error} If it has a reference of another kind.
 */
export async function readComposeFile(settings: Environment = {}): Promise<ComposeFile> {
  return composeFile.parse(interpolate(await readRaw(), settings));
}

/** Reads `compose.yaml` with its references as they stand. */
export async function readRawComposeFile(): Promise<ComposeFile> {
  return composeFile.parse(await readRaw());
}

/** The variables that a value refers to. */
export function referencesOf(value: unknown): readonly string[] {
  const matches = JSON.stringify(value).matchAll(REFERENCE);
  return [...new Set([...matches].map(({ groups }) => groups?.name ?? ""))];
}

async function readRaw(): Promise<unknown> {
  return parse(await Deno.readTextFile(join(ROOT, "compose.yaml")), { merge: true });
}

function interpolate(value: unknown, settings: Environment): unknown {
  if (typeof value === "string") return interpolateText(value, settings);
  if (Array.isArray(value)) return value.map((item) => interpolate(item, settings));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, interpolate(item, settings)]),
  );
}

function interpolateText(text: string, settings: Environment): string {
  const replaced = text.replaceAll(REFERENCE, (...args) => {
    const { name, operator, text = "" }: Record<string, string | undefined> = args.at(-1);
    const value = settings[name ?? ""] ?? "";
    if (operator === "+") return value === "" ? "" : text;
    return value === "" ? text : value;
  });
  if (replaced.includes("$")) throw new Error(`Cannot interpolate ${text}: unknown reference`);
  return replaced;
}

/**
 * The container of a name, which must be there.
 *
 * @throws {Error} If there is none.
 */
export function containerOf({ services }: Pick<ComposeFile, "services">, name: string): Container {
  const container = services[name];
  if (container === undefined) throw new Error(`compose.yaml has no ${name}`);
  return container;
}
