import { join } from "node:path";
import type { StandInName, StandInVariables } from "@playground/tasks/standins";
import { QUEUE } from "@playground/shared/amqp";
import type { Component } from "./faults.ts";
import type { RestartedProcess } from "./restarted_process.ts";
import { type DatabaseProgram, startOwnDatabase } from "./own/database.ts";
import { type QueueMember, type RabbitmqPrograms, startOwnRabbitmq } from "./own/rabbitmq.ts";
import { untilReady } from "./readiness.ts";
import type { RealComponents } from "../fixture/real_components.ts";
import { startStandInProcess } from "./stand_in_process.ts";

/** What stands behind the services of a run; Mailtrap is always the stand-in. */
export type Backing =
  | { readonly kind: "stand-ins" }
  /** Real components that run already, and outlive the run. */
  | { readonly kind: "named"; readonly components: RealComponents }
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

export interface RunningComponents {
  readonly amqpUrls: readonly string[];
  readonly mongodbUrl: string;
  readonly zipkinUrl: string;
  readonly mailtrap: StandInVariables;
  readonly processes: ReadonlyMap<Component, readonly RestartedProcess[]>;
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
  const components = { directory, onLine, resources };
  if (backing.kind === "named") {
    const { amqpUrl, mongodbUrl, zipkinUrl } = backing.components;
    const { variables, processes } = await startComponentStandIns(["mailtrap"], components);
    const queueMembers = () => Promise.resolve([]);
    return {
      amqpUrls: [amqpUrl],
      mongodbUrl,
      zipkinUrl,
      mailtrap: variables,
      processes,
      queueMembers,
    };
  }
  const own = backing.kind === "own" ? backing : undefined;
  const standIns = startComponentStandIns([
    "mailtrap",
    ...(own?.zipkinUrl === undefined ? ["collector"] as const : []),
    ...(own?.database === undefined ? ["database"] as const : []),
    ...(own === undefined ? ["broker"] as const : []),
  ], components);
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
  const { variables, processes } = await standIns;
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

interface StandInPlace {
  readonly directory: string;
  readonly onLine: (name: string, line: string) => void;
  readonly resources: AsyncDisposableStack;
}

/** Starts stand-ins, each in a process of its own. */
async function startComponentStandIns(
  components: readonly Component[],
  { directory, onLine, resources }: StandInPlace,
) {
  const variables: Record<string, string> = {};
  const processes = new Map<Component, readonly RestartedProcess[]>();
  await Promise.all(components.map(async (component) => {
    const { process, variables: own } = await startStandInProcess({
      name: component,
      standIn: STAND_INS[component],
      stateDirectory: join(directory, component),
      onLine: (line: string) => onLine(component, line),
    }, resources);
    processes.set(component, [process]);
    // Of each stand-in's control API only that of the mail server is used.
    const { FAULTS_URL = "", ...others } = own;
    Object.assign(variables, others, component === "mailtrap" ? { FAULTS_URL } : {});
  }));
  return { variables, processes };
}

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
