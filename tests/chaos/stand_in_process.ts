import { ManagedProcess } from "@playground/tasks/launcher";
import { ROOT } from "@playground/tasks/playground";
import type { StandInName, StandInVariables } from "@playground/tasks/standins";
import { z } from "zod";
import { isListening, lastingPort } from "./ports.ts";
import { MortalProcess } from "./mortal_process.ts";

/** How to run one stand-in in a process of its own. */
export interface StandInProcessOptions {
  /** What people know it by. */
  readonly name: string;
  /** Which stand-in. */
  readonly standIn: StandInName;
  /** Where it keeps its state, which outlives its process. */
  readonly stateDirectory: string;
  /** Takes the lines that it writes. */
  readonly onLine: (line: string) => void;
}

/** A stand-in that can be killed. */
export interface StandInProcess {
  /** Its process. */
  readonly process: MortalProcess;
  /** How to reach it, after each start alike. */
  readonly variables: StandInVariables;
}

const READY = "READY ";
const variablesSchema = z.record(z.string(), z.string());

/** The flags that name the ports of a stand-in. */
const PORT_FLAGS: Readonly<Record<StandInName, readonly string[]>> = {
  amqp: ["faults-port", "amqp-port"],
  mongodb: ["faults-port", "mongodb-port"],
  zipkin: ["faults-port", "zipkin-port"],
  mailtrap: ["faults-port", "smtp-port", "mailtrap-api-port"],
};

/**
 * Starts a stand-in and waits until it listens.
 *
 * @param options Which one.
 * @param resources Stops it.
 * @returns The stand-in.
 */
export async function startStandInProcess(
  { name, standIn, stateDirectory, onLine }: StandInProcessOptions,
  resources: AsyncDisposableStack,
): Promise<StandInProcess> {
  const ready = Promise.withResolvers<StandInVariables>();
  let probePort = 0;
  const ports = PORT_FLAGS[standIn].map((flag) => {
    probePort = lastingPort();
    return `--${flag}=${probePort}`;
  });
  const args = [
    "run",
    "--no-prompt",
    "--allow-net=127.0.0.1",
    `--allow-read=${stateDirectory}`,
    `--allow-write=${stateDirectory}`,
    "--ignore-env",
    "tasks/standins/main.ts",
    `--state=${stateDirectory}`,
    "--log-format=pretty",
    ...ports,
    standIn,
  ];
  const take = (line: string) => {
    if (!line.startsWith(READY)) return onLine(line);
    ready.resolve(variablesSchema.parse(JSON.parse(line.slice(READY.length))));
  };
  const process = resources.use(
    new MortalProcess({
      name,
      start: () => new ManagedProcess({ name, args, environment: {}, cwd: ROOT, onLine: take }),
      onLine,
      isAlive: () => isListening(probePort),
      isReady: () => isListening(probePort),
    }),
  );
  return { process, variables: await Promise.race([ready.promise, process.gaveUp]) };
}
