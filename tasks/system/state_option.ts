import { Option } from "@commander-js/extra-typings";
import { resolve } from "node:path";
import { STATE_DIRECTORY } from "./root.ts";

/** Where a word can be written into a shell as it is. */
const PLAIN_WORD = /^[\w./:@%+,-]+$/;

/** `--state DIR`: which development system a command is about. */
export function stateOption(
  description = "the system that deno task dev --state DIR started",
): Option<"--state <dir>", undefined, string, string> {
  return new Option("--state <dir>", description)
    .argParser(readStateDirectory)
    .default(STATE_DIRECTORY, ".playground");
}

/** The variable of a script that is not set must not become the folder of the project. */
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
  return `${command} --${name} ${quoted(value)}`;
}

function quoted(word: string): string {
  return PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
