import { dirname, join } from "node:path";
import { QUEUE } from "@playground/shared/amqp";
import { runProgram } from "@playground/shared/testing";
import { z } from "zod";
import { freePort } from "../../fixture/ports.ts";
import type { ComponentPlace, RunningComponent, StartComponent } from "../backing.ts";
import { type RestartedProcess, untilReady } from "../restarted_process.ts";
import { ExternalProcess, findProgram, runAgain } from "./external_process.ts";

interface RabbitmqNode {
  /** Its Erlang name: `chaos1@localhost`. */
  readonly erlangName: string;
  readonly process: RestartedProcess;
  readonly url: string;
}

type Variables = Readonly<Record<string, string>>;

/** The output of `rabbitmq-queues quorum_status` (https://www.rabbitmq.com/docs/man/rabbitmq-queues.8). */
const statusSchema = z.array(
  // A missing member has an error in place of the state.
  z.object({ "Node Name": z.string(), "Raft State": z.unknown() }),
);

/** Debian's command in `/usr/sbin` would change the user; the programs themselves are here. */
const FOLDERS = ["/usr/lib/rabbitmq/bin", "/opt/homebrew/sbin", "/usr/local/sbin"] as const;

/** A locally installed RabbitMQ, if any. Three nodes make a cluster that survives the loss of one. */
export async function findRabbitmq(nodeCount: number): Promise<StartComponent | undefined> {
  const server = await findProgram("rabbitmq-server", FOLDERS);
  const epmd = await findProgram("epmd");
  if (server === undefined || epmd === undefined) return undefined;
  return (place) => startRabbitmq(server, epmd, nodeCount, place);
}

async function startRabbitmq(
  server: string,
  /** The Erlang port mapper, through which nodes find each other. */
  epmd: string,
  nodeCount: number,
  { directory, onLine, resources, signal }: ComponentPlace,
): Promise<RunningComponent> {
  const epmdPort = String(freePort());
  // The nodes would start a mapper that outlives them.
  resources.use(
    new ExternalProcess({
      name: "epmd",
      program: epmd,
      args: ["-port", epmdPort, "-address", "127.0.0.1"],
      onLine: (line) => onLine("epmd", line),
    }),
  );
  // One home, hence one cookie, for all nodes and for the tools.
  const shared = { HOME: directory, ERL_EPMD_PORT: epmdPort, ERL_EPMD_ADDRESS: "127.0.0.1" };
  const erlangNames = Array.from(
    { length: nodeCount },
    (_, index) => `chaos${index + 1}@localhost`,
  );
  const nodes: RabbitmqNode[] = [];
  for (const [index, erlangName] of erlangNames.entries()) {
    const name = nodeCount === 1 ? "broker" : `broker ${index + 1}`;
    const port = freePort();
    const own = await prepareNode(join(directory, erlangName), erlangName, port, erlangNames);
    const environment = { ...shared, ...own };
    const tell = (line: string) => onLine(name, line);
    const run = { name, program: server, args: [], environment, onLine: tell };
    const process = resources.use(runAgain(run, port));
    // The others join this node; if all started at once, they would wait for each other.
    if (index === 0 && nodeCount > 1) await untilReady([process], signal);
    nodes.push({ erlangName, process, url: `amqp://guest:guest@127.0.0.1:${port}` });
  }
  return {
    variables: { AMQP_URL: nodes.map(({ url }) => url).join() },
    processes: nodes.map(({ process }) => process),
    ...(nodeCount === 1 ? {} : {
      queueMembers: () => queueMembers(nodes, join(dirname(server), "rabbitmq-queues"), shared),
    }),
  };
}

/** Writes the node's configuration file; returns its environment variables. */
async function prepareNode(
  directory: string,
  erlangName: string,
  port: number,
  erlangNames: readonly string[],
): Promise<Variables> {
  await Deno.mkdir(directory, { recursive: true });
  const peers = erlangNames.map((name, index) =>
    `cluster_formation.classic_config.nodes.${index + 1} = ${name}`
  );
  const configuration = [
    `listeners.tcp.1 = 127.0.0.1:${port}`,
    "log.console = true",
    "log.console.level = warning",
    "cluster_formation.peer_discovery_backend = classic_config",
    ...peers,
  ];
  const configurationFile = join(directory, "rabbitmq.conf");
  await Deno.writeTextFile(configurationFile, `${configuration.join("\n")}\n`);
  return {
    RABBITMQ_NODENAME: erlangName,
    RABBITMQ_CONFIG_FILE: configurationFile,
    RABBITMQ_ENABLED_PLUGINS_FILE: "/dev/null",
    RABBITMQ_CONF_ENV_FILE: "/dev/null",
    RABBITMQ_MNESIA_BASE: join(directory, "mnesia"),
    RABBITMQ_LOG_BASE: join(directory, "log"),
    RABBITMQ_DIST_PORT: String(freePort()),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
      "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}",
  };
}

/** The nodes that hold the queue, the leader first, according to the first node that answers. */
async function queueMembers(
  nodes: readonly RabbitmqNode[],
  program: string,
  environment: Variables,
): Promise<readonly RestartedProcess[]> {
  for (const asked of nodes) {
    if (!await asked.process.isAlive()) continue;
    const options = ["--node", asked.erlangName, "--quiet", "--formatter", "json"];
    const args = [...options, "quorum_status", QUEUE];
    const { code, stdout } = await runProgram(program, args, { env: environment });
    if (code !== 0) continue;
    const members = statusSchema.parse(JSON.parse(stdout));
    const leaders = members.filter((member) => member["Raft State"] === "leader");
    return [...new Set([...leaders, ...members])].flatMap((member) =>
      nodes.find(({ erlangName }) => erlangName === member["Node Name"])?.process ?? []
    );
  }
  return [];
}
