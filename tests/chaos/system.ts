import type { Environment } from "@playground/shared/configuration";
import { FaultsClient } from "@playground/tasks/clients/faults";
import { MessageServerClient } from "@playground/tasks/clients/message-server";
import type { StandInVariables } from "@playground/tasks/standins";
import { SERVICE_NAMES, type ServiceName } from "@playground/tasks/system";
import { freePort } from "../fixture/ports.ts";
import { answersOk, ServiceProcess } from "../fixture/service_process.ts";
import { TcpProxy } from "../fixture/tcp_proxy.ts";
import { Backend, RETRY_DELAYS } from "./backend.ts";
import { type RunningComponent, startComponents } from "./backing.ts";
import { type Component, type Link, PROCESSES } from "./faults.ts";
import { RestartedProcess, untilReady } from "./restarted_process.ts";
import type { ChaosOptions } from "./run.ts";

interface RestartedService {
  readonly service: ServiceName;
  readonly process: RestartedProcess;
  /** The base address of its HTTP port, the same after each start. */
  readonly url: URL;
  readonly client: MessageServerClient;
}

/** Several of each service, with a proxy on each link to a backing service. Disposing it stops all. */
export interface ChaosSystem extends AsyncDisposable {
  readonly services: readonly RestartedService[];
  readonly processes: readonly RestartedProcess[];
  readonly components: ReadonlyMap<Component, RunningComponent>;
  /** A proxy before each address at the end of a link: before each node, where there are several. */
  readonly links: Readonly<Record<Link, readonly TcpProxy[]>>;
  readonly backend: Backend;
  readonly mailtrapFaults: FaultsClient;
  readonly stopService: (service: ServiceName) => Promise<void>;
}

const SETTINGS: Environment = {
  SMTP_HOST: "127.0.0.1",
  RETRY_DELAYS,
  MAX_ATTEMPTS: "7",
  OPERATOR_PAUSE_SECONDS: "1",
  SMTP_GREETING_TIMEOUT_SECONDS: "10",
  SMTP_TIMEOUT_SECONDS: "30",
  POLL_INTERVAL_SECONDS: "1",
  LOG_FORMAT: "pretty",
};

/** Starts the system; does not wait until the services are ready. */
export async function startChaosSystem(
  { backing, onLine, signal }: Pick<ChaosOptions, "backing" | "onLine" | "signal">,
): Promise<ChaosSystem> {
  await using resources = new AsyncDisposableStack();
  const directory = await Deno.makeTempDir({ prefix: "chaos-" });
  resources.defer(() => Deno.remove(directory, { recursive: true }));
  const components = await startComponents(backing, { directory, onLine, resources, signal });
  const behind = [...components.values()].flatMap(({ processes }) => processes);
  // A queue that is declared before all nodes have joined has fewer members.
  await untilReady(behind, signal);
  // The last variables win: of the stand-ins' control APIs, only the mail server's is used.
  const variables: StandInVariables = Object.assign(
    {},
    ...[...components.values()].map((component) => component.variables),
  );
  const backend = resources.use(new Backend(variables));

  const before = (address: string) => resources.use(new TcpProxy(address));
  const mailServer = before(`smtp://${variables.SMTP_HOST}:${variables.SMTP_PORT}`);
  const database = before(backend.mongodbUrl);
  const collector = before(backend.zipkinUrl);
  const links = {
    "message-server to broker": backend.amqpUrls.map(before),
    "emailer to broker": backend.amqpUrls.map(before),
    "emailer to mail server": [mailServer],
    "mail-poller to database": [database],
    "services to collector": [collector],
  };
  const environment: Environment = {
    ...variables,
    ...SETTINGS,
    MONGODB_URL: database.url,
    ZIPKIN_URL: collector.url,
    SMTP_PORT: String(mailServer.port),
  };
  const services = SERVICE_NAMES.flatMap((service) => {
    const nodes = links[service === "emailer" ? "emailer to broker" : "message-server to broker"];
    return PROCESSES[service].map((name, index) => {
      // Each process begins with another node.
      const first = index % nodes.length;
      const AMQP_URL = [...nodes.slice(first), ...nodes.slice(0, first)].map(({ url }) => url)
        .join();
      const lines = (line: string) => onLine(name, line);
      return startService(service, name, { ...environment, AMQP_URL }, lines, resources);
    });
  });
  const processes = [...services.map(({ process }) => process), ...behind];
  const stop = async (stopped: readonly RestartedService[]) => {
    await Promise.all(stopped.map(({ process }) => process[Symbol.asyncDispose]()));
  };
  // In parallel: without a collector, each takes some seconds for its last spans.
  resources.defer(() => stop(services));
  const started = resources.move();
  return {
    services,
    processes,
    components,
    links,
    backend,
    mailtrapFaults: new FaultsClient(new URL(variables.FAULTS_URL ?? "")),
    stopService: (service) => stop(services.filter((each) => each.service === service)),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

function startService(
  service: ServiceName,
  name: string,
  environment: Environment,
  onLine: (line: string) => void,
  resources: AsyncDisposableStack,
): RestartedService {
  const port = freePort();
  const url = new URL(`http://127.0.0.1:${port}`);
  const process = resources.use(
    new RestartedProcess({
      name,
      port,
      start: () => new ServiceProcess(service, { environment, port, onLine }),
      onLine,
      isReady: () => answersOk(`${url.origin}/readyz`),
    }),
  );
  return { service, process, url, client: new MessageServerClient(url, undefined) };
}
