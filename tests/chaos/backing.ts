import { join } from "node:path";
import type { Environment } from "@playground/shared/configuration";
import type { StandInName, StandInVariables } from "@playground/tasks/standins";
import { runStandIns } from "@playground/tasks/system";
import { freePort, isListening } from "../fixture/ports.ts";
import { type RealComponents, realComponents } from "../fixture/real_components.ts";
import type { ComponentsChoice } from "./arguments.ts";
import { type Component, COMPONENTS } from "./faults.ts";
import { findDatabase } from "./own/database.ts";
import { findRabbitmq } from "./own/rabbitmq.ts";
import { RestartedProcess } from "./restarted_process.ts";

/** What stands behind the services of a run: how to get each component. Mailtrap is always the stand-in. */
export interface Backing {
  readonly description: string;
  readonly components: Readonly<Record<Component, StartComponent>>;
  /** Whether the components ran before the run and go on after it: then they are not killed, and nothing of the run is left there. */
  readonly outlivesRun: boolean;
  readonly isRabbitmq: boolean;
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
  /** How to reach it, after each start alike. */
  readonly variables: StandInVariables;
  /** None where it is not ours to kill. */
  readonly processes: readonly RestartedProcess[];
  /** The processes that keep the queue of the emailers, where there are several. */
  readonly queueMembers?: () => Promise<readonly QueueMember[]>;
}

export interface QueueMember {
  readonly process: RestartedProcess;
  readonly isLeader: boolean;
}

export type BackingResult =
  | { readonly ok: true; readonly backing: Backing }
  | { readonly ok: false; readonly problem: string };

const CLUSTER_SIZE = 3;

export const STAND_INS: Backing = {
  description: "stand-ins",
  components: {
    broker: standIn("amqp", ["amqp-port"]),
    database: standIn("mongodb", ["mongodb-port"]),
    collector: standIn("zipkin", ["zipkin-port"]),
    mailtrap: standIn("mailtrap", ["smtp-port", "mailtrap-api-port"]),
  },
  outlivesRun: false,
  isRabbitmq: false,
  brokerNodeCount: 1,
};

export function namedBacking({ amqpUrl, mongodbUrl, zipkinUrl }: RealComponents): Backing {
  return {
    description: "real components",
    components: {
      ...STAND_INS.components,
      broker: named({ AMQP_URL: amqpUrl }),
      database: named({ MONGODB_URL: mongodbUrl }),
      collector: named({ ZIPKIN_URL: zipkinUrl }),
    },
    outlivesRun: true,
    isRabbitmq: true,
    brokerNodeCount: 1,
  };
}

export async function chooseBacking(
  choice: ComponentsChoice,
  environment: Environment,
): Promise<BackingResult> {
  switch (choice) {
    case "stand-ins":
      return { ok: true, backing: STAND_INS };
    case "real": {
      const real = realComponents(environment);
      if (real.ok) return { ok: true, backing: namedBacking(real.components) };
      return { ok: false, problem: `--real needs ${real.missing.join(", ")}; set them` };
    }
    case "own":
    case "cluster":
      return await ownBacking(choice, environment.TEST_ZIPKIN_URL);
  }
}

/** A backing whose processes are the programs that are installed here. */
async function ownBacking(
  choice: "own" | "cluster",
  zipkinUrl: string | undefined,
): Promise<BackingResult> {
  const brokerNodeCount = choice === "cluster" ? CLUSTER_SIZE : 1;
  const broker = await findRabbitmq(brokerNodeCount);
  if ("missing" in broker) {
    const problem = `--${choice} needs ${broker.missing}, which is not installed here; ` +
      "install RabbitMQ (Debian: apt-get install rabbitmq-server), or leave it out";
    return { ok: false, problem };
  }
  const database = await findDatabase();
  const description = [
    brokerNodeCount === 1 ? "RabbitMQ" : `RabbitMQ in ${brokerNodeCount} nodes`,
    database === undefined ? "the stand-in of MongoDB" : "a real database",
    zipkinUrl === undefined ? "the stand-in of Zipkin" : "Zipkin",
  ].join(", ");
  const components = {
    ...STAND_INS.components,
    broker: broker.start,
    ...(database === undefined ? {} : { database }),
    ...(zipkinUrl === undefined ? {} : { collector: named({ ZIPKIN_URL: zipkinUrl }) }),
  };
  const isRabbitmq = true;
  const backing = { description, components, outlivesRun: false, isRabbitmq, brokerNodeCount };
  return { ok: true, backing };
}

/** Starts all components side by side, and waits until they listen. */
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

/** A component that runs already. */
function named(variables: StandInVariables): StartComponent {
  return () => Promise.resolve({ variables, processes: [] });
}

/** A stand-in in a process of its own. */
function standIn(name: StandInName, portFlags: readonly string[]): StartComponent {
  return async ({ component, directory, onLine, resources }) => {
    const ready = Promise.withResolvers<StandInVariables>();
    const ports = ["faults-port", ...portFlags].map((flag) => ({ flag, port: freePort() }));
    const tell = (line: string) => onLine(component, line);
    const process = resources.use(
      new RestartedProcess({
        name: component,
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
        isAlive: () => isListening(ports.at(-1)?.port ?? 0),
      }),
    );
    const variables = await Promise.race([ready.promise, process.gaveUp]);
    return { variables, processes: [process] };
  };
}
