import type { StandInName, StandInVariables } from "@playground/tasks/standins";
import { z } from "zod";
import { ManagedProcess } from "./managed_process.ts";
import { Supervisor } from "./supervisor.ts";

/** What people know the process of the stand-ins by. */
export const STAND_INS = "stand-ins";

interface StandInsOptions {
  /** What people know the process by. @default {@linkcode STAND_INS} */
  readonly name?: string;
  readonly standIns: readonly StandInName[];
  readonly portFlags: readonly string[];
  readonly stateDirectory: string;
  readonly root: string;
  readonly onLine: (line: string) => void;
  /** Called when they listen, with how to reach them. */
  readonly onReady: (variables: StandInVariables) => void;
}

/** How the line begins in which they say that they listen. */
const READY = "READY ";
const variablesSchema = z.record(z.string(), z.string());

/** Runs stand-ins in a process of their own, which may reach loopback and their state only. */
export function runStandIns(options: StandInsOptions): ManagedProcess {
  const { name = STAND_INS, standIns, portFlags, stateDirectory, root, onLine, onReady } = options;
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

interface StandInsProcessOptions {
  readonly embedded: readonly StandInName[];
  readonly root: string;
  readonly stateDirectory: string;
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
  /** Leaves the usual ports alone. @default false */
  readonly anyPort?: boolean;
}

interface StandInsProcess extends AsyncDisposable {
  readonly variables: StandInVariables;
  readonly supervisor: Supervisor;
}

/** Starts stand-ins in one process and waits until they listen. A restarted process has the same ports and state. */
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

/** The ports that the stand-ins took, for starting them there again. */
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
