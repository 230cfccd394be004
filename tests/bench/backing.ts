import type { Environment } from "@playground/shared/configuration";
import { runStandIns } from "@playground/tasks/system";
import { ROOT } from "@playground/tasks/running-system";
import type { StandInName, StandInVariables } from "@playground/tasks/standins";
import type { Backing } from "./context.ts";

/** The variables that name the real components. */
export const REAL_VARIABLES = ["TEST_AMQP_URL", "TEST_MONGODB_URL", "TEST_ZIPKIN_URL"] as const;

/** The real components, if the environment names all of them. */
export function realBacking(environment: Environment): Backing | undefined {
  const [amqpUrl, mongodbUrl, zipkinUrl] = REAL_VARIABLES.map((name) => environment[name]);
  if (amqpUrl === undefined || mongodbUrl === undefined || zipkinUrl === undefined) {
    return undefined;
  }
  return { components: "real", amqpUrl, mongodbUrl, zipkinUrl };
}

/** Stand-ins that run in one process, as under `deno task dev`. Disposing them stops it and forgets their state. */
export interface StandIns extends AsyncDisposable {
  /** The variables that name them. */
  readonly variables: StandInVariables;
  /** The process id. */
  readonly pid: number;
}

/** Starts stand-ins, with their state on disk as always. */
export async function startStandIns(names: readonly StandInName[]): Promise<StandIns> {
  await using resources = new AsyncDisposableStack();
  const directory = await Deno.makeTempDir();
  resources.defer(() => Deno.remove(directory, { recursive: true }));
  const ready = Promise.withResolvers<StandInVariables>();
  const lines: string[] = [];
  const process = resources.use(
    runStandIns({
      standIns: names,
      portFlags: ["--any-port"],
      stateDirectory: directory,
      root: ROOT,
      onLine: (line) => lines.push(line),
      onReady: ready.resolve,
    }),
  );
  process.ended.then(({ code }) =>
    ready.reject(
      new Error(`Cannot start the stand-ins: they ended with code ${code}\n${lines.join("\n")}`),
    )
  );
  const variables = await ready.promise;
  const running = resources.move();
  return { variables, pid: process.pid, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** Stand-ins as backing services. */
export function standInBacking({ variables }: StandIns): Backing {
  return {
    components: "stand-ins",
    amqpUrl: variables.AMQP_URL ?? "",
    // The stand-in's address names a database; the measurements have their own.
    mongodbUrl: new URL("/", variables.MONGODB_URL).href.replace(/\/$/, ""),
    zipkinUrl: variables.ZIPKIN_URL ?? "",
  };
}
