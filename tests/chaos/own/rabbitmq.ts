import { dirname, join } from "node:path";
import { QUEUE } from "@playground/shared/amqp";
import { z } from "zod";
import { freePort } from "../../fixture/ports.ts";
import type { ComponentPlace, QueueMember, RunningComponent, StartComponent } from "../backing.ts";
import { type RestartedProcess, untilReady } from "../restarted_process.ts";
import { ExternalProcess, findProgram, runAgain } from "./external_process.ts";

interface RabbitmqPrograms {
  readonly server: string;
  readonly queues: string;
  /** The Erlang port mapper, through which nodes find each other. */
  readonly epmd: string;
}

interface RabbitmqNode {
  /** Its Erlang name: `chaos1@localhost`. */
  readonly erlangName: string;
  readonly process: RestartedProcess;
  readonly url: string;
}

type Variables = Readonly<Record<string, string>>;

/** What `rabbitmq-queues quorum_status` tells (https://www.rabbitmq.com/docs/man/rabbitmq-queues.8). */
const statusSchema = z.array(
  // Of a member that is away it tells an error in place of the state.
  z.object({ "Node Name": z.string(), "Raft State": z.unknown() }),
);

/** Debian's command in `/usr/sbin` would change the user; the programs themselves are here. */
const FOLDERS = ["/usr/lib/rabbitmq/bin", "/opt/homebrew/sbin", "/usr/local/sbin"] as const;
/** Nodes find their peers by these names. */
const HOSTNAME = "localhost";

/** A RabbitMQ whose programs are installed here. Three nodes make a cluster that stands the loss of one. */
export async function findRabbitmq(
  nodeCount: number,
): Promise<{ readonly start: StartComponent } | { readonly missing: string }> {
  const server = await findProgram("rabbitmq-server", FOLDERS);
  if (server === undefined) return { missing: "rabbitmq-server" };
  const queues = await findProgram("rabbitmq-queues", [dirname(server)]);
  if (queues === undefined) return { missing: "rabbitmq-queues" };
  const epmd = await findProgram("epmd");
  if (epmd === undefined) return { missing: "epmd" };
  return { start: (place) => startRabbitmq({ server, queues, epmd }, nodeCount, place) };
}

async function startRabbitmq(
  programs: RabbitmqPrograms,
  nodeCount: number,
  place: ComponentPlace,
): Promise<RunningComponent> {
  const { directory, onLine, resources, signal } = place;
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
    const own = await prepareNode(join(directory, erlangName), erlangName, port, erlangNames);
    const run = {
      name,
      program: programs.server,
      args: [],
      environment: { ...shared, ...own },
      onLine: (line: string) => onLine(name, line),
    };
    const process = resources.use(runAgain(run, port));
    // The others join it; all at once they would wait for each other.
    if (index === 0 && nodeCount > 1) await untilReady([process], signal);
    nodes.push({ erlangName, process, url: `amqp://guest:guest@127.0.0.1:${port}` });
  }
  return {
    variables: { AMQP_URL: nodes.map(({ url }) => url).join() },
    processes: nodes.map(({ process }) => process),
    queueMembers: () => queueMembers(nodes, programs.queues, shared),
  };
}

/** Writes the node's configuration; returns what it is told by its environment. */
async function prepareNode(
  directory: string,
  erlangName: string,
  port: number,
  erlangNames: readonly string[],
): Promise<Variables> {
  await Deno.mkdir(directory, { recursive: true });
  const configurationFile = join(directory, "rabbitmq.conf");
  const pluginsFile = join(directory, "enabled_plugins");
  const peers = erlangNames.length === 1 ? [] : [
    "cluster_formation.peer_discovery_backend = classic_config",
    ...erlangNames.map((name, index) =>
      `cluster_formation.classic_config.nodes.${index + 1} = ${name}`
    ),
  ];
  await Deno.writeTextFile(
    configurationFile,
    [
      `listeners.tcp.1 = 127.0.0.1:${port}`,
      "log.console = true",
      "log.console.level = warning",
      "vm_memory_high_watermark.relative = 0.2",
      "disk_free_limit.absolute = 50MB",
      ...peers,
      "",
    ].join("\n"),
  );
  await Deno.writeTextFile(pluginsFile, "[].\n");
  return {
    RABBITMQ_NODENAME: erlangName,
    RABBITMQ_CONFIG_FILE: configurationFile,
    RABBITMQ_ENABLED_PLUGINS_FILE: pluginsFile,
    RABBITMQ_CONF_ENV_FILE: "/dev/null",
    RABBITMQ_MNESIA_BASE: join(directory, "mnesia"),
    RABBITMQ_LOG_BASE: join(directory, "log"),
    RABBITMQ_PID_FILE: join(directory, "rabbit.pid"),
    RABBITMQ_DIST_PORT: String(freePort()),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
      "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}",
  };
}

async function queueMembers(
  nodes: readonly RabbitmqNode[],
  program: string,
  environment: Variables,
): Promise<readonly QueueMember[]> {
  // Whoever is asked has to live.
  for (const asked of nodes) {
    const members = await membersAccordingTo(asked, program, environment);
    if (members.length === 0) continue;
    return nodes.flatMap(({ erlangName, process }) => {
      const state = members.find((member) => member["Node Name"] === erlangName);
      return state === undefined ? [] : [{ process, isLeader: state["Raft State"] === "leader" }];
    });
  }
  return [];
}

async function membersAccordingTo(
  { erlangName, process }: RabbitmqNode,
  program: string,
  environment: Variables,
): Promise<z.output<typeof statusSchema>> {
  if (!await process.isAlive()) return [];
  const { success, stdout } = await new Deno.Command(program, {
    args: ["--node", erlangName, "--quiet", "--formatter", "json", "quorum_status", QUEUE],
    env: { ...environment },
    stderr: "null",
  }).output();
  return success ? statusSchema.parse(JSON.parse(new TextDecoder().decode(stdout))) : [];
}
