import { join } from "node:path";
import { parseEnv } from "node:util";
import type { Environment } from "@playground/shared/configuration";

/**
 * The settings of the development system: `.env`, where there is one, and over it the environment.
 */
export async function readSettings(root: string): Promise<Environment> {
  const settings = { ...await readEnvFile(join(root, ".env")), ...Deno.env.toObject() };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== ""));
}

/** Reads a file of settings, such as `.env`. */
export async function readEnvFile(path: string): Promise<Environment> {
  try {
    return parseEnv(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
}
