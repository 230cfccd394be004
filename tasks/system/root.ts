import { join } from "node:path";

/** The root of the project: the folder that holds `deno.json`. */
export const ROOT: string = join(import.meta.dirname ?? ".", "..", "..");

/** Where the development system keeps its state; git ignores it. */
export const STATE_DIRECTORY: string = join(ROOT, ".playground");
