import type { StandInName, StandInVariables } from "@playground/tasks/standins";
import { z } from "zod";
import { ManagedProcess } from "./managed_process.ts";

/** How to run stand-ins together in one process. */
export interface StandInsOptions {
  /** What people know the process by. @default "stand-ins" */
  readonly name?: string;
  /** Which stand-ins. */
  readonly standIns: readonly StandInName[];
  /** The flags that say on which ports they listen. */
  readonly portFlags: readonly string[];
  /** Where they keep their state. */
  readonly stateDirectory: string;
  /** The root of the project. */
  readonly root: string;
  /** Takes the lines that the process writes. */
  readonly onLine: (line: string) => void;
  /** Called when they listen, with how to reach them. */
  readonly onReady: (variables: StandInVariables) => void;
}

/** How the line begins that tells that they listen. */
const READY = "READY ";
const variablesSchema = z.record(z.string(), z.string());

/**
 * Runs stand-ins in a process of their own, with the rights that they need: loopback and their state.
 */
export function runStandIns(options: StandInsOptions): ManagedProcess {
  const { name = "stand-ins", standIns, portFlags, stateDirectory, root, onLine, onReady } =
    options;
  return new ManagedProcess({
    name,
    args: [
      "run",
      "--no-prompt",
      "--allow-net=127.0.0.1",
      `--allow-read=${stateDirectory}`,
      `--allow-write=${stateDirectory}`,
      "--ignore-env",
      "tasks/standins/main.ts",
      `--state=${stateDirectory}`,
      "--log-format=pretty",
      ...portFlags,
      ...standIns,
    ],
    environment: {},
    cwd: root,
    onLine: (line) => {
      if (!line.startsWith(READY)) return onLine(line);
      onReady(variablesSchema.parse(JSON.parse(line.slice(READY.length))));
    },
  });
}
