import { dirname, join } from "node:path";
import { z } from "zod";
import { RestartedProcess } from "../restarted_process.ts";
import { freePort, isListening } from "../../fixture/ports.ts";
import { untilReady } from "../readiness.ts";
import { ExternalProcess, type ExternalProcessOptions, findProgram } from "./external_process.ts";
import { prepareNode } from "./rabbitmq_node.ts";

export interface RabbitmqPrograms {
  readonly server: string;
  readonly queues: string;
  /** The Erlang port mapper, through which nodes find each other. */
  readonly epmd: string;
}

export interface OwnRabbitmqOptions {
  readonly programs: RabbitmqPrograms;
  /** How many nodes; three make a cluster that stands the loss of one. */
  readonly nodeCount: number;
  readonly directory: string;
  readonly onLine: (name: string, line: string) => void;
  readonly signal: AbortSignal;
}

export interface RabbitmqNode {
  /** Its Erlang name: `chaos1@localhost`. */
  readonly erlangName: string;
  readonly process: RestartedProcess;
  readonly url: string;
}

export interface OwnRabbitmq {
  readonly nodes: readonly RabbitmqNode[];
  readonly membersOf: (queue: string) => Promise<readonly QueueMember[]>;
}

export interface QueueMember {
  readonly node: RabbitmqNode;
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
  const epmdPort = freePort();
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
    const port = freePort();
    const environment = {
      ...shared,
      ...await prepareNode(join(directory, erlangName), erlangName, port, erlangNames),
    };
    const run = { name, program: programs.server, args: [], environment };
    const process = startNode(run, port, (line) => onLine(name, line), resources);
    // The others join it; all at once they would wait for each other.
    if (index === 0 && nodeCount > 1) await untilReady([process], signal);
    nodes.push({ erlangName, process, url: `amqp://guest:guest@127.0.0.1:${port}` });
  }
  return { nodes, membersOf: (queue) => queueMembers(nodes, queue, programs.queues, shared) };
}

function startNode(
  run: Omit<ExternalProcessOptions, "onLine">,
  port: number,
  onLine: (line: string) => void,
  resources: AsyncDisposableStack,
): RestartedProcess {
  return resources.use(
    new RestartedProcess({
      name: run.name,
      start: () => new ExternalProcess({ ...run, onLine }),
      onLine,
      isAlive: () => isListening(port),
      isReady: () => isListening(port),
      diesWhenStopped: true,
    }),
  );
}

async function queueMembers(
  nodes: readonly RabbitmqNode[],
  queue: string,
  program: string,
  environment: Readonly<Record<string, string>>,
): Promise<readonly QueueMember[]> {
  // Whoever is asked has to live.
  for (const asked of nodes) {
    const members = await membersAccordingTo(asked, queue, program, environment);
    if (members.length === 0) continue;
    return nodes.flatMap((node) => {
      const state = members.find((member) => member["Node Name"] === node.erlangName);
      if (state === undefined) return [];
      return [{ node, isLeader: state["Raft State"] === "leader" }];
    });
  }
  return [];
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
