import { dirname, join } from "node:path";
import { z } from "zod";
import { MortalProcess } from "../mortal_process.ts";
import { isListening, lastingPort } from "../ports.ts";
import { untilReady } from "../readiness.ts";
import { ExternalProcess } from "./external_process.ts";
import { findProgram } from "./find_program.ts";
import { prepareNode } from "./rabbitmq_node.ts";

/** The programs of a RabbitMQ that is installed. */
export interface RabbitmqPrograms {
  /** Starts a node. */
  readonly server: string;
  /** Tells who keeps a quorum queue. */
  readonly queues: string;
  /** The Erlang port mapper, through which nodes find each other. */
  readonly epmd: string;
}

/** How to start a RabbitMQ. */
export interface OwnRabbitmqOptions {
  /** Its programs. */
  readonly programs: RabbitmqPrograms;
  /** How many nodes; three make a cluster that stands the loss of one. */
  readonly nodeCount: number;
  /** Where everything is kept. */
  readonly directory: string;
  /** Takes the lines of a node. */
  readonly onLine: (name: string, line: string) => void;
  /** Ends the wait for the first node. */
  readonly signal: AbortSignal;
}

/** A node that can be killed. */
export interface RabbitmqNode {
  /** Its Erlang name: `chaos1@localhost`. */
  readonly erlangName: string;
  /** Its process. */
  readonly process: MortalProcess;
  /** Its AMQP address. */
  readonly url: string;
}

/** A RabbitMQ that belongs to a run. */
export interface OwnRabbitmq {
  /** Its nodes. */
  readonly nodes: readonly RabbitmqNode[];
  /** Asks who keeps a quorum queue. */
  readonly membersOf: (queue: string) => Promise<readonly QueueMember[]>;
}

/** A node that keeps a quorum queue. */
export interface QueueMember {
  /** The node. */
  readonly node: RabbitmqNode;
  /** Whether it leads the queue. */
  readonly isLeader: boolean;
}

/** What `rabbitmq-queues quorum_status` tells (https://www.rabbitmq.com/docs/man/rabbitmq-queues.8). */
const statusSchema = z.array(
  // Of a member that is away it tells an error in place of the state.
  z.object({ "Node Name": z.string(), "Raft State": z.unknown() }),
);

/** Debian's command in `/usr/sbin` would change the user; the programs themselves are here. */
const FOLDERS = ["/usr/lib/rabbitmq/bin", "/opt/homebrew/sbin", "/usr/local/sbin"] as const;
/** Nodes find their peers by these names. */
const HOSTNAME = "localhost";

/** Finds the programs of RabbitMQ. */
export async function findRabbitmq(): Promise<RabbitmqPrograms | { readonly missing: string }> {
  const server = await findProgram("rabbitmq-server", FOLDERS);
  if (server === undefined) return { missing: "rabbitmq-server" };
  const queues = await findProgram("rabbitmq-queues", [dirname(server)]);
  if (queues === undefined) return { missing: "rabbitmq-queues" };
  const epmd = await findProgram("epmd");
  if (epmd === undefined) return { missing: "epmd" };
  return { server, queues, epmd };
}

/**
 * Starts a RabbitMQ on loopback; does not wait until all of it listens. Several nodes find each other and make a cluster.
 */
export async function startOwnRabbitmq(
  options: OwnRabbitmqOptions,
  resources: AsyncDisposableStack,
): Promise<OwnRabbitmq> {
  const { programs, nodeCount, directory, onLine, signal } = options;
  const home = join(directory, "home");
  await Deno.mkdir(home, { recursive: true });
  const epmdPort = lastingPort();
  // Nodes would start one that outlives them.
  resources.use(
    new ExternalProcess({
      name: "epmd",
      program: programs.epmd,
      args: ["-port", String(epmdPort), "-address", "127.0.0.1"],
      onLine: (line) => onLine("epmd", line),
    }),
  );
  // One home, hence one cookie, for all nodes and for the tools.
  const shared = { HOME: home, ERL_EPMD_PORT: String(epmdPort), ERL_EPMD_ADDRESS: "127.0.0.1" };
  const erlangNames = Array.from(
    { length: nodeCount },
    (_, index) => `chaos${index + 1}@${HOSTNAME}`,
  );
  const nodes: RabbitmqNode[] = [];
  for (const [index, erlangName] of erlangNames.entries()) {
    const name = nodeCount === 1 ? "broker" : `broker ${index + 1}`;
    const port = lastingPort();
    const environment = {
      ...shared,
      ...await prepareNode(join(directory, erlangName), erlangName, port, erlangNames),
    };
    const process = resources.use(
      new MortalProcess({
        name,
        start: () =>
          new ExternalProcess({
            name,
            program: programs.server,
            args: [],
            environment,
            onLine: (line) => onLine(name, line),
          }),
        onLine: (line) => onLine(name, line),
        isAlive: () => isListening(port),
        isReady: () => isListening(port),
        diesWhenStopped: true,
      }),
    );
    // The others join it; all at once they would wait for each other.
    if (index === 0 && nodeCount > 1) await untilReady([process], signal);
    nodes.push({ erlangName, process, url: `amqp://guest:guest@127.0.0.1:${port}` });
  }
  return {
    nodes,
    membersOf: async (queue) => {
      // Whoever is asked has to live.
      for (const node of nodes) {
        const members = await membersAccordingTo(node, queue, programs.queues, shared);
        if (members.length === 0) continue;
        return nodes.flatMap((each) => {
          const state = members.find((member) => member["Node Name"] === each.erlangName);
          if (state === undefined) return [];
          return [{ node: each, isLeader: state["Raft State"] === "leader" }];
        });
      }
      return [];
    },
  };
}

async function membersAccordingTo(
  { erlangName, process }: RabbitmqNode,
  queue: string,
  program: string,
  environment: Readonly<Record<string, string>>,
): Promise<z.output<typeof statusSchema>> {
  if (!await process.isAlive()) return [];
  const { success, stdout } = await new Deno.Command(program, {
    args: ["--node", erlangName, "--quiet", "--formatter", "json", "quorum_status", queue],
    env: { ...environment },
    stderr: "null",
  }).output();
  return success ? statusSchema.parse(JSON.parse(new TextDecoder().decode(stdout))) : [];
}
