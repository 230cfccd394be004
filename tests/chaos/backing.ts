import { join } from "node:path";
import type { Environment } from "@playground/shared/configuration";
import type { StandInName, StandInVariables } from "@playground/tasks/standins";
import { runStandIns } from "@playground/tasks/system";
import { freePort } from "../fixture/ports.ts";
import type { ComponentsChoice } from "./arguments.ts";
import { type Component, COMPONENTS } from "./faults.ts";
import { findDatabase } from "./own/database.ts";
import { findRabbitmq } from "./own/rabbitmq.ts";
import { RestartedProcess } from "./restarted_process.ts";

/** The backing services of a run: how to start each. Mailtrap is always the stand-in. */
export interface Backing {
  readonly description: string;
  readonly components: Readonly<Record<Component, StartComponent>>;
  /** More than one is a cluster. */
  readonly brokerNodeCount: number;
}

/** Starts a component on loopback; does not wait until all of it listens. */
export type StartComponent = (place: ComponentPlace) => Promise<RunningComponent>;

export interface ComponentPlace {
  readonly component: Component;
  /** Where it keeps its state, which outlives its processes. */
  readonly directory: string;
  readonly onLine: (name: string, line: string) => void;
  /** Ends what was started. */
  readonly resources: AsyncDisposableStack;
  readonly signal: AbortSignal;
}

export interface RunningComponent {
  /** How to reach it, the same after each start. */
  readonly variables: StandInVariables;
  /** Its processes; none where the run must not kill it. */
  readonly processes: readonly RestartedProcess[];
  /** The nodes that hold the emailers' queue, where there are several: the leader first. */
  readonly queueMembers?: () => Promise<readonly RestartedProcess[]>;
}

const CLUSTER_SIZE = 3;

export const STAND_INS: Backing = {
  description: "stand-ins",
  components: {
    broker: standIn("amqp", ["amqp-port"]),
    database: standIn("mongodb", ["mongodb-port"]),
    collector: standIn("zipkin", ["zipkin-port"]),
    mailtrap: standIn("mailtrap", ["smtp-port", "mailtrap-api-port"]),
  },
  brokerNodeCount: 1,
};

/** The backing of a choice, or why it is not available. */
export async function chooseBacking(
  choice: ComponentsChoice,
  { TEST_ZIPKIN_URL: zipkinUrl }: Environment,
): Promise<Backing | string> {
  if (choice === "stand-ins") return STAND_INS;
  const brokerNodeCount = choice === "cluster" ? CLUSTER_SIZE : 1;
  const broker = await findRabbitmq(brokerNodeCount);
  if (broker === undefined) {
    return `--${choice} needs RabbitMQ, which is not installed here; ` +
      "install it (Debian: apt-get install rabbitmq-server), or leave that out";
  }
  const database = await findDatabase();
  return {
    description: [
      brokerNodeCount === 1 ? "RabbitMQ" : `RabbitMQ in ${brokerNodeCount} nodes`,
      database === undefined ? "the stand-in of MongoDB" : "a real database",
      zipkinUrl === undefined ? "the stand-in of Zipkin" : "Zipkin",
    ].join(", "),
    components: {
      ...STAND_INS.components,
      broker,
      ...(database === undefined ? {} : { database }),
      // It already runs, and stays running.
      ...(zipkinUrl === undefined ? {} : {
        collector: () => Promise.resolve({ variables: { ZIPKIN_URL: zipkinUrl }, processes: [] }),
      }),
    },
    brokerNodeCount,
  };
}

export async function startComponents(
  { components }: Backing,
  place: Omit<ComponentPlace, "component">,
): Promise<ReadonlyMap<Component, RunningComponent>> {
  const started = await Promise.all(COMPONENTS.map(async (component) => {
    const directory = join(place.directory, component);
    return [component, await components[component]({ ...place, component, directory })] as const;
  }));
  return new Map(started);
}

function standIn(name: StandInName, portFlags: readonly string[]): StartComponent {
  return async ({ component, directory, onLine, resources }) => {
    const ready = Promise.withResolvers<StandInVariables>();
    const ports = ["faults-port", ...portFlags].map((flag) => ({ flag, port: freePort() }));
    const tell = (line: string) => onLine(component, line);
    const process = resources.use(
      new RestartedProcess({
        name: component,
        port: ports.at(-1)?.port ?? 0,
        start: () =>
          runStandIns({
            name: component,
            standIns: [name],
            portFlags: ports.map(({ flag, port }) => `--${flag}=${port}`),
            stateDirectory: directory,
            onLine: tell,
            onReady: ready.resolve,
          }),
        onLine: tell,
      }),
    );
    const variables = await Promise.race([ready.promise, process.gaveUp]);
    return { variables, processes: [process] };
  };
}
