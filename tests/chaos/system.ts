import type { Environment } from "@playground/shared/configuration";
import { TcpProxy } from "@playground/shared/testing";
import { SERVICE_NAMES } from "@playground/tasks/system";
import { type HttpProxy, startHttpProxy } from "../fixture/http_proxy.ts";
import { type Backing, type RunningComponents, startComponents } from "./components.ts";
import { type Component, SERVICE_COUNTS, targetName, type Way } from "./faults.ts";
import { Gate } from "./gate.ts";
import type { MortalProcess } from "./mortal_process.ts";
import { type MortalService, startMortalService } from "./service_process.ts";

/** How to put the system together. */
export interface ChaosSystemOptions {
  /** What stands behind the services. */
  readonly backing: Backing;
  /** The database, of this run alone. */
  readonly database: string;
  /** Takes the lines of all processes. */
  readonly onLine: (name: string, line: string) => void;
  /** Ends the wait for what stands behind the services. */
  readonly signal: AbortSignal;
}

/** Where things really are, past all proxies: for looking at them. */
export interface DirectAddresses {
  /** The broker's nodes. */
  readonly amqpUrls: readonly string[];
  /** The database server, with the run's database. */
  readonly mongodbUrl: string;
  /** The collector. */
  readonly zipkinUrl: string;
  /** The list of the messages in the inbox. */
  readonly inboxUrl: URL;
  /** The token for it. */
  readonly mailtrapToken: string;
  /** The control API of the mail server's faults. */
  readonly faultsUrl: URL;
}

/** Several of each service, each way between them and what stands behind them in our hands. Disposing it stops all. */
export interface ChaosSystem extends AsyncDisposable {
  /** The services. */
  readonly services: readonly MortalService[];
  /** The processes of the services and of what stands behind them. */
  readonly processes: readonly MortalProcess[];
  /** The processes of what stands behind them, as far as they can be killed. */
  readonly components: ReadonlyMap<Component, readonly MortalProcess[]>;
  /** Asks a cluster who keeps the queue of the emailers. */
  readonly queueMembers: RunningComponents["queueMembers"];
  /** The ways, each through a proxy, or through one for each node. */
  readonly ways: Readonly<Record<Way, readonly TcpProxy[]>>;
  /** The way to the Mailtrap API. */
  readonly mailtrapApi: HttpProxy;
  /** The load passes through it. */
  readonly loadGate: Gate;
  /** The ways past the proxies. */
  readonly direct: DirectAddresses;
  /** Asks all processes of a service to stop, and waits for them. */
  readonly stopService: (service: MortalService["service"]) => Promise<void>;
  /** Rejected when a process cannot be kept running. */
  readonly gaveUp: Promise<never>;
}

/** The waits before an email is tried again. Seven attempts take five seconds: longer than any one fault. */
export const RETRY_DELAYS = "300ms,700ms,1s";
const MAX_ATTEMPTS = "7";

/** Starts the system; does not wait until the services are ready. */
export async function startChaosSystem(options: ChaosSystemOptions): Promise<ChaosSystem> {
  const { backing, database, onLine } = options;
  await using resources = new AsyncDisposableStack();
  const directory = await Deno.makeTempDir({ prefix: "chaos-" });
  resources.defer(() => Deno.remove(directory, { recursive: true }));

  const running = await startComponents(backing, directory, onLine, resources, options.signal);
  const { mailtrap, processes: components } = running;
  const direct = directAddresses(running, database);
  const wayTo = (hostname: string, port: string | undefined) =>
    resources.use(new TcpProxy({ hostname, port: Number(port) }));
  const waysTo = (urls: readonly string[]) =>
    urls.map((text) => {
      const { hostname, port } = new URL(text);
      return wayTo(hostname, port);
    });
  const ways: Record<Way, readonly TcpProxy[]> = {
    "message-server to broker": waysTo(direct.amqpUrls),
    "emailer to broker": waysTo(direct.amqpUrls),
    "emailer to mail server": [wayTo(mailtrap.SMTP_HOST ?? "", mailtrap.SMTP_PORT)],
    "mail-poller to database": waysTo([direct.mongodbUrl]),
    "services to collector": waysTo([direct.zipkinUrl]),
  };
  const mailtrapApi = resources.use(startHttpProxy(mailtrap.MAILTRAP_URL ?? ""));

  const common: Environment = {
    ...mailtrap,
    MONGODB_URL: through(ways["mail-poller to database"], [direct.mongodbUrl]).join(),
    ZIPKIN_URL: through(ways["services to collector"], [direct.zipkinUrl]).join(),
    SMTP_HOST: "127.0.0.1",
    SMTP_PORT: ways["emailer to mail server"].map(({ port }) => port).join(),
    MAILTRAP_URL: mailtrapApi.url,
    RETRY_DELAYS,
    MAX_ATTEMPTS,
    OPERATOR_PAUSE_SECONDS: "1",
    SMTP_GREETING_TIMEOUT_SECONDS: "10",
    SMTP_TIMEOUT_SECONDS: "30",
    POLL_INTERVAL_SECONDS: "1",
    LOG_FORMAT: "pretty",
    STOP_AT_STDIN_EOF: "true",
  };
  const services = SERVICE_NAMES.flatMap((service) => {
    const toBroker = ways[service === "emailer" ? "emailer to broker" : "message-server to broker"];
    const nodes = through(toBroker, direct.amqpUrls);
    return Array.from({ length: SERVICE_COUNTS[service] }, (_, index) => {
      const name = targetName(service, index);
      // Each begins with another node.
      const first = index % nodes.length;
      const AMQP_URL = [...nodes.slice(first), ...nodes.slice(0, first)].join();
      return startMortalService({
        name,
        service,
        environment: { ...common, AMQP_URL },
        onLine: (line) => onLine(name, line),
      }, resources);
    });
  });

  const processes = [...services.map(({ process }) => process), ...components.values()].flat();
  const gaveUp = Promise.race(processes.map(({ gaveUp }) => gaveUp));
  // Whoever is interested awaits it; nobody has to.
  gaveUp.catch(() => {});
  const started = resources.move();
  return {
    services,
    processes,
    components,
    queueMembers: running.queueMembers,
    ways,
    mailtrapApi,
    loadGate: new Gate(),
    direct,
    stopService: async (service) => {
      const stopping = services.filter((each) => each.service === service);
      await Promise.all(stopping.map(({ process }) => process[Symbol.asyncDispose]()));
    },
    gaveUp,
    async [Symbol.asyncDispose]() {
      // All services at once: with a collector that is away each takes some seconds for its last spans.
      await Promise.all(services.map(({ process }) => process[Symbol.asyncDispose]()));
      await started.disposeAsync();
    },
  };
}

function directAddresses(
  { amqpUrls, mongodbUrl, zipkinUrl, mailtrap }: RunningComponents,
  database: string,
): DirectAddresses {
  const mongodb = new URL(mongodbUrl);
  mongodb.pathname = `/${database}`;
  // The driver stays with the address that it is given: behind it is the proxy.
  mongodb.searchParams.set("directConnection", "true");
  return {
    amqpUrls,
    mongodbUrl: mongodb.href,
    zipkinUrl,
    inboxUrl: new URL(`/api/sandboxes/${mailtrap.MAILTRAP_BOXID}/messages`, mailtrap.MAILTRAP_URL),
    mailtrapToken: mailtrap.MAILTRAP_TOKEN ?? "",
    faultsUrl: new URL(mailtrap.FAULTS_URL ?? ""),
  };
}

function through(way: readonly TcpProxy[], addresses: readonly string[]): readonly string[] {
  return addresses.map((address, index) => {
    const url = new URL(address);
    url.hostname = "127.0.0.1";
    url.port = String(way[index]?.port);
    return url.href;
  });
}
