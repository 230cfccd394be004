import { resolve } from "node:path";
import { STATE_DIRECTORY } from "./root.ts";

/** `--state DIR` for `parseArgs`: which development system a command is about. */
export const STATE_OPTION = { state: { type: "string" } } as const;

/** Where a word can be written into a shell as it is. */
const PLAIN_WORD = /^[\w./:@%+,-]+$/;

/** The line of `--help` about {@linkcode STATE_OPTION}. */
export function stateOptionHelp(column: number): string {
  return `${"  --state DIR".padEnd(column)}the system that deno task dev --state DIR started`;
}

/** The folder that {@linkcode STATE_OPTION} names. */
export function stateDirectoryOf({ state }: { readonly state?: string | undefined }): string {
  return state === undefined || state === "" ? STATE_DIRECTORY : resolve(state);
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
  return `${command} --${name} ${quoted(value)}`;
}

function quoted(word: string): string {
  return PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
