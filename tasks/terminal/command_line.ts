import {
  Command,
  InvalidArgumentError,
  type ParseOptionsResult,
} from "@commander-js/extra-typings";
import { failureReason } from "@playground/shared/http";

const EXIT_USAGE = 2;
/** The exit code of a command that Ctrl-C stopped: 128 and the number of SIGINT. */
export const EXIT_STOPPED = 130;

/** Commander's words for a wrong value, with the first word of the reason. */
const WRONG_VALUE =
  /^(?:option '(\S+).*' argument|command-argument value) '(.*)' is invalid(?: for argument '.*?')?\. (\S+)/;

/** An error that says what to do: one of our sentences, or the operating system's, such as of a full disk. Any other is a bug. */
const EXPECTED_ERROR = /^Error: Cannot |\(os error \d+\)/;

/** From now on, an expected error that nobody catches ends the process with a message, not a stack. */
export function endOnExpectedErrors(): void {
  addEventListener("unhandledrejection", ({ reason }) => {
    if (EXPECTED_ERROR.test(String(reason))) failWith(reason);
  });
}

/**
 * Starts a command of `deno task` and returns its arguments. It ends on expected errors, and its requests to this machine bypass the
 * environment's proxy, which cannot reach it.
 */
export function startTask(): readonly string[] {
  endOnExpectedErrors();
  const others = Deno.env.get("NO_PROXY") ?? Deno.env.get("no_proxy") ?? "";
  Deno.env.set("NO_PROXY", `${others},127.0.0.1,::1,localhost`);
  return Deno.args;
}

/** The {@linkcode commandLineOf} a command of `deno task`. */
export function taskCommandLine(name: string, description: string): Command {
  return commandLineOf(`deno task ${name}`, description);
}

/** Commander gives an option whatever follows: `--state --fresh` would name a folder. */
class CommandLine extends Command {
  override createCommand(name?: string): Command {
    return new CommandLine(name);
  }

  override parseOptions(words: string[]): ParseOptionsResult {
    const end = words.indexOf("--");
    const given = end === -1 ? words : words.slice(0, end);
    for (const [index, word] of given.entries()) {
      const next = given[index + 1];
      if (!next?.startsWith("--")) continue;
      if (!this.options.some((option) => option.required && option.long === word)) continue;
      this.error(
        `${word} needs a value, and ${next} looks like an option; if it is the value, write ${word}=${next}`,
      );
    }
    return super.parseOptions(words);
  }
}

/** A command line. For `--help`, and for a wrong command line with exit code 2, parsing ends the process. */
export function commandLineOf(command: string, description: string): Command {
  return new CommandLine(command)
    .description(description)
    .helpOption("-h, --help", "show this text")
    .helpCommand(false)
    .configureOutput({
      outputError: (text, write) => {
        const problem = text.replace(/^error: /, "").trim().replaceAll("\n", " ")
          .replace(/\.$/, "")
          .replace(WRONG_VALUE, (_, option = "", value, reason) =>
            // A reason in lower case says all.
            reason === reason.toLowerCase()
              ? reason
              : `${option} ${value}: ${reason.toLowerCase()}`.trimStart());
        write(`Cannot understand the command: ${problem}; see ${command} --help\n`);
      },
    })
    .exitOverride(({ exitCode }) => Deno.exit(exitCode === 0 ? 0 : EXIT_USAGE));
}

/** Ends a command that failed. */
export function fail(message: string, details: readonly string[] = [], exitCode = 1): never {
  console.error([message, ...details.map((detail) => `  ${detail}`)].join("\n"));
  Deno.exit(exitCode);
}

/** What the language itself throws, except where `fetch` does so for an outage. */
function isBug(error: unknown): boolean {
  return [TypeError, RangeError, ReferenceError].some((kind) => error instanceof kind) &&
    !/TypeError: (fetch failed|error )/i.test(String(error));
}

/** Ends a command with an error: a bug with its stack, any other with its own sentence, or with why the command cannot go on. */
export function failWith(error: unknown): never {
  if (isBug(error)) {
    console.error(error);
    Deno.exit(1);
  }
  const message = error instanceof Error ? error.message : "";
  return fail(
    message.startsWith("Cannot ")
      ? message
      : `Cannot go on: ${failureReason(error)}; mend that and try again`,
  );
}

/** Ends a command that was used wrongly. */
export function failUsage(message: string, details?: readonly string[]): never {
  return fail(message, details, EXIT_USAGE);
}

/** Reads a number above 0. */
export function positiveNumber(text: string): number {
  const number = Number(text);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new InvalidArgumentError("Give a number above 0, such as 10");
}

/** Reads whole numbers of a range. */
export function wholeNumber(minimum: number, maximum: number): (text: string) => number {
  return function wholeNumber(text) {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= minimum && number <= maximum) return number;
    throw new InvalidArgumentError(
      maximum === Number.MAX_SAFE_INTEGER
        ? `Give a whole number of ${minimum} or more`
        : `Give a whole number from ${minimum} to ${maximum}`,
    );
  };
}

/** Reads a number from 0 to 1. */
export function ratio(text: string): number {
  const number = text.trim() === "" ? Number.NaN : Number(text);
  if (number >= 0 && number <= 1) return number;
  throw new InvalidArgumentError("Give a number from 0 to 1, such as 0.05");
}

/** Reads an HTTP address. */
export function url(text: string): URL {
  const address = URL.parse(text);
  if (address !== null && /^https?:$/.test(address.protocol)) return address;
  throw new InvalidArgumentError("Give an HTTP address, such as http://127.0.0.1:8080");
}
