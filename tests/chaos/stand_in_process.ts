import { runStandIns } from "@playground/tasks/system";
import { ROOT } from "@playground/tasks/running-system";
import type { StandInName, StandInVariables } from "@playground/tasks/standins";
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

/** The flags that name the ports of a stand-in. */
const PORT_FLAGS: Readonly<Record<StandInName, readonly string[]>> = {
  amqp: ["faults-port", "amqp-port"],
  mongodb: ["faults-port", "mongodb-port"],
  zipkin: ["faults-port", "zipkin-port"],
  mailtrap: ["faults-port", "smtp-port", "mailtrap-api-port"],
};

/** Starts a stand-in and waits until it listens. */
export async function startStandInProcess(
  { name, standIn, stateDirectory, onLine }: StandInProcessOptions,
  resources: AsyncDisposableStack,
): Promise<StandInProcess> {
  const ready = Promise.withResolvers<StandInVariables>();
  let probePort = 0;
  const portFlags = PORT_FLAGS[standIn].map((flag) => {
    probePort = lastingPort();
    return `--${flag}=${probePort}`;
  });
  const process = resources.use(
    new MortalProcess({
      name,
      start: () =>
        runStandIns({
          name,
          standIns: [standIn],
          portFlags,
          stateDirectory,
          root: ROOT,
          onLine,
          onReady: ready.resolve,
        }),
      onLine,
      isAlive: () => isListening(probePort),
      isReady: () => isListening(probePort),
    }),
  );
  return { process, variables: await Promise.race([ready.promise, process.gaveUp]) };
}
