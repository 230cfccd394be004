import type { StandInName, StandInVariables } from "@playground/tasks/standins";
import { z } from "zod";
import { ManagedProcess } from "./managed_process.ts";
import { ROOT } from "./settings.ts";
import { Supervisor } from "./supervisor.ts";

/** What people know the process of the stand-ins by. */
export const STAND_INS = "stand-ins";

interface StandInsOptions {
  /** What people know the process by. @default {@linkcode STAND_INS} */
  readonly name?: string;
  readonly standIns: readonly StandInName[];
  readonly portFlags: readonly string[];
  readonly stateDirectory: string;
  /** The message server's page, to which the stand-ins' pages lead. */
  readonly pageUrl?: string;
  readonly onLine: (line: string) => void;
  /** Called when they listen, with how to reach them. */
  readonly onReady: (variables: StandInVariables) => void;
}

/** How the line begins in which they say that they listen. */
const READY = "READY ";
const variablesSchema = z.record(z.string(), z.string());

/** Runs stand-ins in a process of their own, which may reach loopback and their state only. */
export function runStandIns(options: StandInsOptions): ManagedProcess {
  const { name = STAND_INS, standIns, portFlags, stateDirectory, onLine, onReady } = options;
  const { pageUrl } = options;
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
      ...(pageUrl === undefined ? [] : [`--page-url=${pageUrl}`]),
      ...portFlags,
      ...standIns,
    ],
    environment: {},
    cwd: ROOT,
    onLine: (line) => {
      if (!line.startsWith(READY)) return onLine(line);
      onReady(variablesSchema.parse(JSON.parse(line.slice(READY.length))));
    },
  });
}

interface SupervisedOptions
  extends Pick<StandInsOptions, "standIns" | "stateDirectory" | "pageUrl" | "onLine"> {
  readonly anyPort: boolean;
  /** Ends a start that is under way. */
  readonly signal: AbortSignal;
}

interface SupervisedStandIns {
  readonly variables: StandInVariables;
  readonly supervisor: Supervisor;
}

/** Starts stand-ins in one process and waits until they listen. A restarted process has the same ports and state. */
export async function superviseStandIns(
  { anyPort, signal, ...options }: SupervisedOptions,
  resources: AsyncDisposableStack,
): Promise<SupervisedStandIns> {
  const ready = Promise.withResolvers<StandInVariables>();
  signal.addEventListener("abort", () => ready.reject(signal.reason), { once: true });
  let ports: readonly string[] = anyPort ? ["--any-port"] : [];
  const supervisor = resources.use(
    new Supervisor({
      onLine: options.onLine,
      start: () =>
        runStandIns({
          ...options,
          portFlags: ports,
          onReady: (variables) => {
            ports = portFlags(variables);
            ready.resolve(variables);
          },
        }),
    }),
  );
  return { variables: await Promise.race([ready.promise, supervisor.gaveUp]), supervisor };
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
