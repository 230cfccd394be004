import { runStandIns } from "@playground/tasks/system";
import type { StandInName, StandInVariables } from "@playground/tasks/standins";
import { Supervisor } from "./supervisor.ts";

/** How to start the process. */
export interface StandInsProcessOptions {
  /** Which stand-ins. */
  readonly embedded: readonly StandInName[];
  /** The root of the project. */
  readonly root: string;
  /** Where they keep their state. */
  readonly stateDirectory: string;
  /** Takes the lines that the process writes. */
  readonly onLine: (line: string) => void;
  /** Ends the wait for it. */
  readonly signal: AbortSignal;
  /** Leaves the usual ports alone. */
  readonly anyPort?: boolean;
}

/** The process that runs the stand-ins. */
export interface StandInsProcess extends AsyncDisposable {
  /** How to reach the stand-ins. */
  readonly variables: StandInVariables;
  /** Keeps the process running. */
  readonly supervisor: Supervisor;
}

/**
 * Starts all stand-ins in one process and waits until they listen. If the process is started again later, they listen on the
 * same ports, with the same state.
 */
export async function startStandInsProcess(
  options: StandInsProcessOptions,
): Promise<StandInsProcess> {
  const { embedded, root, stateDirectory, onLine, signal, anyPort = false } = options;
  const ready = Promise.withResolvers<StandInVariables>();
  let ports: readonly string[] = anyPort ? ["--any-port"] : [];
  const supervisor = new Supervisor({
    onLine,
    start: () =>
      runStandIns({
        standIns: embedded,
        portFlags: ports,
        stateDirectory,
        root,
        onLine,
        onReady: (variables) => {
          ports = portFlags(variables);
          ready.resolve(variables);
        },
      }),
  });
  try {
    const variables = await Promise.race([ready.promise, supervisor.gaveUp, aborted(signal)]);
    return {
      variables,
      supervisor,
      [Symbol.asyncDispose]: () => supervisor[Symbol.asyncDispose](),
    };
  } catch (error) {
    await supervisor[Symbol.asyncDispose]();
    throw error;
  }
}

/** The ports that the stand-ins took, as flags for starting them there again. */
function portFlags(variables: StandInVariables): readonly string[] {
  const portOf = (url: string | undefined) => url === undefined ? undefined : new URL(url).port;
  const ports = {
    "amqp-port": portOf(variables.AMQP_URL),
    "mongodb-port": portOf(variables.MONGODB_URL),
    "zipkin-port": portOf(variables.ZIPKIN_URL),
    "mailtrap-api-port": portOf(variables.MAILTRAP_URL),
    "smtp-port": variables.SMTP_PORT,
    "faults-port": portOf(variables.FAULTS_URL),
  };
  return Object.entries(ports).flatMap(([flag, port]) =>
    port === undefined ? [] : [`--${flag}=${port}`]
  );
}

function aborted(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  if (signal.aborted) reject(signal.reason);
  return promise;
}
