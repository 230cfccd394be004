import { join } from "node:path";
import type { StandInName, StandInVariables } from "@playground/tasks/standins";
import { QUEUE } from "@playground/shared/amqp";
import type { Component } from "./faults.ts";
import type { MortalProcess } from "./mortal_process.ts";
import {
  type DatabaseProgram,
  type QueueMember,
  type RabbitmqPrograms,
  startOwnDatabase,
  startOwnRabbitmq,
} from "./own/mod.ts";
import { untilReady } from "./readiness.ts";
import type { RealComponents } from "./real_components.ts";
import { startStandInProcess } from "./stand_in_process.ts";

/** What stands behind the services of a run; Mailtrap is always the stand-in. */
export type Backing =
  /** All are stand-ins. */
  | { readonly kind: "stand-ins" }
  /** Real components that run already, and outlive the run. */
  | { readonly kind: "named"; readonly components: RealComponents }
  /** Real components that belong to the run and can be killed. */
  | {
    readonly kind: "own";
    readonly rabbitmq: RabbitmqPrograms;
    /** One, or three for a cluster. */
    readonly nodeCount: number;
    /** Absent: the stand-in. */
    readonly database?: DatabaseProgram | undefined;
    /** A collector that runs already. Absent: the stand-in. */
    readonly zipkinUrl?: string | undefined;
  };

/** What stands behind the services, running. */
export interface RunningComponents {
  /** The addresses of the broker's nodes. */
  readonly amqpUrls: readonly string[];
  /** The database server, without a database. */
  readonly mongodbUrl: string;
  /** The collector. */
  readonly zipkinUrl: string;
  /** Mailtrap's variables. */
  readonly mailtrap: StandInVariables;
  /** The processes that can be killed. */
  readonly processes: ReadonlyMap<Component, readonly MortalProcess[]>;
  /** Asks a cluster who keeps the queue of the emailers. */
  readonly queueMembers: () => Promise<readonly QueueMember[]>;
}

const STAND_INS: Readonly<Record<Component, StandInName>> = {
  broker: "amqp",
  database: "mongodb",
  collector: "zipkin",
  mailtrap: "mailtrap",
};

/** Starts what stands behind the services, and waits until it listens. */
export async function startComponents(
  backing: Backing,
  directory: string,
  onLine: (name: string, line: string) => void,
  resources: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<RunningComponents> {
  const standIns: Promise<void>[] = [];
  const variables: Record<string, string> = {};
  const processes = new Map<Component, readonly MortalProcess[]>();
  const startStandIn = (component: Component) => {
    const options = {
      name: component,
      standIn: STAND_INS[component],
      stateDirectory: join(directory, component),
      onLine: (line: string) => onLine(component, line),
    };
    standIns.push(
      startStandInProcess(options, resources).then((started) => {
        // Of each stand-in's control API only that of the mail server is used.
        const { FAULTS_URL = "", ...own } = started.variables;
        Object.assign(variables, own, component === "mailtrap" ? { FAULTS_URL } : {});
        processes.set(component, [started.process]);
      }),
    );
  };

  startStandIn("mailtrap");
  if (backing.kind === "named") {
    await Promise.all(standIns);
    const { amqpUrl, mongodbUrl, zipkinUrl } = backing.components;
    return {
      amqpUrls: [amqpUrl],
      mongodbUrl,
      zipkinUrl,
      mailtrap: variables,
      processes,
      queueMembers: () => Promise.resolve([]),
    };
  }

  const own = backing.kind === "own" ? backing : undefined;
  if (own?.zipkinUrl === undefined) startStandIn("collector");
  if (own?.database === undefined) startStandIn("database");
  if (own === undefined) startStandIn("broker");
  const rabbitmq = own &&
    await startOwnRabbitmq({
      programs: own.rabbitmq,
      nodeCount: own.nodeCount,
      directory: join(directory, "rabbitmq"),
      onLine,
      signal,
    }, resources);
  const database = own?.database &&
    await startOwnDatabase({
      database: own.database,
      directory: join(directory, "database"),
      onLine: (line) => onLine("database", line),
    }, resources);
  await Promise.all(standIns);
  if (rabbitmq !== undefined) processes.set("broker", rabbitmq.nodes.map(({ process }) => process));
  if (database !== undefined) processes.set("database", [database.process]);
  // A queue that is declared before all nodes have joined is kept by fewer.
  await untilReady([...processes.values()].flat(), signal);
  const { AMQP_URL = "", MONGODB_URL = "", ZIPKIN_URL = "", ...mailtrap } = variables;
  return {
    amqpUrls: rabbitmq?.nodes.map(({ url }) => url) ?? [AMQP_URL],
    mongodbUrl: database?.url ?? MONGODB_URL,
    zipkinUrl: own?.zipkinUrl ?? ZIPKIN_URL,
    mailtrap,
    processes,
    queueMembers: async () => await rabbitmq?.membersOf(QUEUE) ?? [],
  };
}

/** Says what a run is against, for people. */
export function describeBacking(backing: Backing): string {
  switch (backing.kind) {
    case "stand-ins":
      return "stand-ins";
    case "named":
      return "real components";
    case "own": {
      const { nodeCount, database, zipkinUrl } = backing;
      return [
        nodeCount === 1 ? "RabbitMQ" : `RabbitMQ in ${nodeCount} nodes`,
        database === undefined ? "the stand-in of MongoDB" : "a real database",
        zipkinUrl === undefined ? "the stand-in of Zipkin" : "Zipkin",
      ].join(", ");
    }
  }
}
