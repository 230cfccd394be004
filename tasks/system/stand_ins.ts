import type { ServiceSettings, StandInName, StandInVariables } from "@playground/tasks/standins";
import { z } from "zod";
import { ManagedProcess } from "./managed_process.ts";
import { hostsOf } from "./permissions.ts";
import { Supervisor } from "./supervisor.ts";

/** The name of the stand-ins' process in its lines. */
export const STAND_INS = "stand-ins";

interface StandInsOptions {
  /** The process's name in its lines. @default {@linkcode STAND_INS} */
  readonly name?: string;
  readonly standIns: readonly StandInName[];
  readonly portFlags: readonly string[];
  readonly stateDirectory: string;
  readonly runtimeFlags?: readonly string[];
  /** The message server's page, which the stand-ins' pages link to. */
  readonly pageUrl?: string | undefined;
  /** A real Zipkin, which the services reach through a proxy in which faults strike. */
  readonly zipkinUrl?: string | undefined;
  /** Runs services with other settings. Without it, there are no faults of services. */
  readonly onSettings?: (settings: ServiceSettings) => Promise<void>;
  readonly onLine: (line: string) => void;
  readonly onReady: (variables: StandInVariables) => void;
}

const READY = "READY ";
const variablesSchema = z.record(z.string(), z.string());
/** The beginning of a line that asks for other settings of services; a line answers it. */
const SETTINGS = "SETTINGS ";
const settingsSchema = z.record(z.string(), variablesSchema);

/** Runs stand-ins in a process of their own, which may reach only loopback and their state. */
export function runStandIns(options: StandInsOptions): ManagedProcess {
  const { name = STAND_INS, standIns, portFlags, stateDirectory, onLine, onReady } = options;
  const { runtimeFlags = [], pageUrl, zipkinUrl, onSettings } = options;
  const net = ["127.0.0.1", ...zipkinUrl === undefined ? [] : hostsOf(zipkinUrl)].join();
  const run = async (line: string) => {
    await onSettings?.(settingsSchema.parse(JSON.parse(line.slice(SETTINGS.length))));
    // The process may have ended meanwhile.
    await process.write("\n").catch(() => {});
  };
  const process = new ManagedProcess({
    name,
    args: [
      "run",
      "--quiet",
      ...runtimeFlags,
      "--no-prompt",
      `--allow-net=${net}`,
      `--allow-read=${stateDirectory}`,
      `--allow-write=${stateDirectory}`,
      // A variable, since anybody may read a command line.
      ...(zipkinUrl === undefined ? [] : ["--allow-env=ZIPKIN_URL"]),
      "--ignore-env",
      "tasks/standins/main.ts",
      `--state=${stateDirectory}`,
      "--log-format=pretty",
      ...(pageUrl === undefined ? [] : [`--page-url=${pageUrl}`]),
      ...(onSettings === undefined ? [] : ["--launched"]),
      ...portFlags,
      ...standIns,
    ],
    environment: zipkinUrl === undefined ? {} : { ZIPKIN_URL: zipkinUrl },
    onLine: (line) => {
      if (line.startsWith(SETTINGS)) return void run(line);
      if (!line.startsWith(READY)) return onLine(line);
      // A new process has no faults.
      void onSettings?.({});
      onReady(variablesSchema.parse(JSON.parse(line.slice(READY.length))));
    },
  });
  return process;
}

interface SupervisedOptions extends Omit<StandInsOptions, "name" | "portFlags" | "onReady"> {
  readonly anyPort: boolean;
  readonly signal: AbortSignal;
}

/** Starts stand-ins in one process and waits until they listen. A restarted process has the same ports and state. */
export async function superviseStandIns(
  { anyPort, signal, ...options }: SupervisedOptions,
  resources: AsyncDisposableStack,
): Promise<{ readonly variables: StandInVariables; readonly supervisor: Supervisor }> {
  const ready = Promise.withResolvers<StandInVariables>();
  signal.addEventListener("abort", () => ready.reject(signal.reason), { once: true });
  let known: StandInVariables | undefined;
  const supervisor = resources.use(
    new Supervisor({
      onLine: options.onLine,
      hasBegun: () => known !== undefined,
      start: () =>
        runStandIns({
          ...options,
          portFlags: known !== undefined ? portFlags(known) : anyPort ? ["--any-port"] : [],
          onReady: (variables) => {
            known = variables;
            ready.resolve(variables);
          },
        }),
    }),
  );
  return { variables: await Promise.race([ready.promise, supervisor.gaveUp]), supervisor };
}

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
