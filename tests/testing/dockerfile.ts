import { join } from "node:path";
import { ROOT } from "@playground/tasks/playground";

/** One instruction (https://docs.docker.com/reference/dockerfile/). */
export interface Instruction {
  /** Such as `FROM`. */
  readonly name: string;
  /** The rest, on one line. */
  readonly value: string;
}

/** What stands between one `FROM` and the next. */
export interface Stage {
  /** What it is made from. */
  readonly base: string;
  /** What comes after. */
  readonly instructions: readonly Instruction[];
}

/** A Dockerfile. */
export interface Dockerfile {
  /** The arguments before the first stage. */
  readonly globalArguments: Readonly<Record<string, string>>;
  /** The stages. */
  readonly stages: readonly Stage[];
}

/** Reads a Dockerfile: comments and continued lines are taken care of, here-documents are not. */
export async function readDockerfile(path: string): Promise<Dockerfile> {
  const lines = (await Deno.readTextFile(join(ROOT, path))).split("\n")
    .filter((line) => !/^\s*(#|$)/.test(line)).join("\n").replaceAll(/\\\n\s*/g, "").split("\n");
  const instructions = lines.map((line) => {
    const [name = "", ...rest] = line.trim().split(/\s+/);
    return { name: name.toUpperCase(), value: rest.join(" ") };
  });
  const starts = instructions.flatMap(({ name }, index) => name === "FROM" ? [index] : []);
  return {
    globalArguments: argumentsOf(instructions.slice(0, starts[0])),
    stages: starts.map((start, index) => ({
      base: instructions[start]?.value.split(" ")[0] ?? "",
      instructions: instructions.slice(start + 1, starts[index + 1]),
    })),
  };
}

/** The arguments that instructions declare. */
export function argumentsOf(
  instructions: readonly Instruction[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    instructions.filter(({ name }) => name === "ARG").map(({ value }) => {
      const [name = "", fallback = ""] = value.split("=");
      return [name, fallback];
    }),
  );
}
