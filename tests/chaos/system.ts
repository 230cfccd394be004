import type { Environment } from "@playground/shared/configuration";
import { TcpProxy } from "@playground/shared/testing";
import type { StandInVariables } from "@playground/tasks/standins";
import { SERVICE_NAMES } from "@playground/tasks/system";
import { type HttpProxy, startHttpProxy } from "../fixture/proxies.ts";
import { type Backing, type RunningComponents, startComponents } from "./components.ts";
import { type Component, type Link, SERVICE_COUNTS, targetName } from "./faults.ts";
import { Gate } from "./load.ts";
import type { RestartedProcess } from "./restarted_process.ts";
import { type RestartedService, startRestartedService } from "./restarted_service.ts";

export interface ChaosSystemOptions {
  readonly backing: Backing;
  readonly database: string;
  readonly onLine: (name: string, line: string) => void;
  readonly signal: AbortSignal;
}

/** Where things really are, past all proxies: for looking at them. */
export interface DirectAddresses {
  readonly amqpUrls: readonly string[];
  readonly mongodbUrl: string;
  readonly zipkinUrl: string;
  readonly inboxUrl: URL;
  readonly mailtrapToken: string;
  readonly faultsUrl: URL;
}

/** Several of each service, with a proxy on each link to what stands behind them. Disposing it stops all. */
export interface ChaosSystem extends AsyncDisposable {
  readonly services: readonly RestartedService[];
  readonly processes: readonly RestartedProcess[];
  readonly components: ReadonlyMap<Component, readonly RestartedProcess[]>;
  readonly queueMembers: RunningComponents["queueMembers"];
  /** Each through a proxy, or through one for each node. */
  readonly links: Readonly<Record<Link, readonly TcpProxy[]>>;
  readonly mailtrapApi: HttpProxy;
  /** The load passes through it. */
  readonly loadGate: Gate;
  readonly direct: DirectAddresses;
  readonly stopService: (service: RestartedService["service"]) => Promise<void>;
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
  const links = startLinks(direct, mailtrap, resources);
  const mailtrapApi = resources.use(startHttpProxy(mailtrap.MAILTRAP_URL ?? ""));
  const settings = { ...mailtrap, ...linkSettings(links, direct), MAILTRAP_URL: mailtrapApi.url };
  const services = startServices(settings, links, direct, onLine, resources);

  const processes = [...services.map(({ process }) => process), ...components.values()].flat();
  const gaveUp = Promise.race(processes.map(({ gaveUp }) => gaveUp));
  // Nobody has to await it.
  gaveUp.catch(() => {});
  const started = resources.move();
  return {
    services,
    processes,
    components,
    queueMembers: running.queueMembers,
    links,
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

function startLinks(
  { amqpUrls, mongodbUrl, zipkinUrl }: DirectAddresses,
  { SMTP_HOST = "", SMTP_PORT }: StandInVariables,
  resources: AsyncDisposableStack,
): ChaosSystem["links"] {
  const linkTo = (hostname: string, port: string | undefined) =>
    resources.use(new TcpProxy({ hostname, port: Number(port) }));
  const linksTo = (urls: readonly string[]) =>
    urls.map((text) => {
      const { hostname, port } = new URL(text);
      return linkTo(hostname, port);
    });
  return {
    "message-server to broker": linksTo(amqpUrls),
    "emailer to broker": linksTo(amqpUrls),
    "emailer to mail server": [linkTo(SMTP_HOST, SMTP_PORT)],
    "mail-poller to database": linksTo([mongodbUrl]),
    "services to collector": linksTo([zipkinUrl]),
  };
}

/** What all services are told, except for the brokers' addresses. */
function linkSettings(
  links: ChaosSystem["links"],
  { mongodbUrl, zipkinUrl }: DirectAddresses,
): Environment {
  return {
    MONGODB_URL: through(links["mail-poller to database"], [mongodbUrl]).join(),
    ZIPKIN_URL: through(links["services to collector"], [zipkinUrl]).join(),
    SMTP_HOST: "127.0.0.1",
    SMTP_PORT: links["emailer to mail server"].map(({ port }) => port).join(),
    RETRY_DELAYS,
    MAX_ATTEMPTS,
    OPERATOR_PAUSE_SECONDS: "1",
    SMTP_GREETING_TIMEOUT_SECONDS: "10",
    SMTP_TIMEOUT_SECONDS: "30",
    POLL_INTERVAL_SECONDS: "1",
    LOG_FORMAT: "pretty",
  };
}

function startServices(
  settings: Environment,
  links: ChaosSystem["links"],
  { amqpUrls }: DirectAddresses,
  onLine: ChaosSystemOptions["onLine"],
  resources: AsyncDisposableStack,
): readonly RestartedService[] {
  return SERVICE_NAMES.flatMap((service) => {
    const link = service === "emailer" ? "emailer to broker" : "message-server to broker";
    const nodes = through(links[link], amqpUrls);
    return Array.from({ length: SERVICE_COUNTS[service] }, (_, index) => {
      const name = targetName(service, index);
      // Each begins with another node.
      const first = index % nodes.length;
      const AMQP_URL = [...nodes.slice(first), ...nodes.slice(0, first)].join();
      return startRestartedService({
        name,
        service,
        environment: { ...settings, AMQP_URL },
        onLine: (line) => onLine(name, line),
      }, resources);
    });
  });
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

function through(link: readonly TcpProxy[], addresses: readonly string[]): readonly string[] {
  return addresses.map((address, index) => {
    const url = new URL(address);
    url.hostname = "127.0.0.1";
    url.port = String(link[index]?.port);
    return url.href;
  });
}
