import { runStandIns } from "@playground/tasks/system";
import { ROOT } from "@playground/tasks/running-system";
import type { StandInName, StandInVariables } from "@playground/tasks/standins";
import { freePort, isListening } from "../fixture/ports.ts";
import { RestartedProcess } from "./restarted_process.ts";

export interface StandInProcessOptions {
  readonly name: string;
  readonly standIn: StandInName;
  /** Where it keeps its state, which outlives its process. */
  readonly stateDirectory: string;
  readonly onLine: (line: string) => void;
}

export interface StandInProcess {
  readonly process: RestartedProcess;
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

export async function startStandInProcess(
  { name, standIn, stateDirectory, onLine }: StandInProcessOptions,
  resources: AsyncDisposableStack,
): Promise<StandInProcess> {
  const ready = Promise.withResolvers<StandInVariables>();
  let probePort = 0;
  const portFlags = PORT_FLAGS[standIn].map((flag) => {
    probePort = freePort();
    return `--${flag}=${probePort}`;
  });
  const process = resources.use(
    new RestartedProcess({
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
