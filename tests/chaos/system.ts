import type { Environment } from "@playground/shared/configuration";
import { TcpProxy } from "../fixture/tcp_proxy.ts";
import type { StandInVariables } from "@playground/tasks/standins";
import { SERVICE_NAMES, type ServiceName } from "@playground/tasks/system";
import { type HttpProxy, startHttpProxy } from "../fixture/proxies.ts";
import { freePort } from "../fixture/ports.ts";
import { answersOk, ServiceProcess } from "../fixture/service_process.ts";
import { type Backing, type RunningComponent, startComponents } from "./backing.ts";
import { type Component, type Link, SERVICE_COUNTS, targetName } from "./faults.ts";
import { Gate } from "./load.ts";
import { purgeQueues, RETRY_DELAYS } from "./queues.ts";
import { RestartedProcess, untilReady } from "./restarted_process.ts";

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

export interface RestartedService {
  readonly service: ServiceName;
  readonly process: RestartedProcess;
  /** The base address of its HTTP port, after each start alike. */
  readonly url: URL;
}

/** Several of each service, with a proxy on each link to what stands behind them. Disposing it stops all. */
export interface ChaosSystem extends AsyncDisposable {
  readonly services: readonly RestartedService[];
  readonly processes: readonly RestartedProcess[];
  readonly components: ReadonlyMap<Component, RunningComponent>;
  /** See {@linkcode Backing.outlivesRun}. */
  readonly outlivesRun: boolean;
  /** Each through a proxy, or through one for each node. */
  readonly links: Readonly<Record<Link, readonly TcpProxy[]>>;
  readonly mailtrapApi: HttpProxy;
  /** The load passes through it. */
  readonly loadGate: Gate;
  readonly direct: DirectAddresses;
  readonly stopService: (service: ServiceName) => Promise<void>;
  readonly gaveUp: Promise<never>;
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
export async function startChaosSystem(options: ChaosSystemOptions): Promise<ChaosSystem> {
  const { backing, database, onLine, signal } = options;
  await using resources = new AsyncDisposableStack();
  const directory = await Deno.makeTempDir({ prefix: "chaos-" });
  resources.defer(() => Deno.remove(directory, { recursive: true }));
  const components = await startComponents(backing, { directory, onLine, resources, signal });
  const running = [...components.values()];
  const behind = running.flatMap(({ processes }) => processes);
  // A queue that is declared before all nodes have joined is kept by fewer.
  await untilReady(behind, signal);
  // Of each stand-in's control API only that of the mail server is used, which comes last.
  const variables: StandInVariables = Object.fromEntries(
    running.flatMap(({ variables }) => Object.entries(variables)),
  );
  const direct = directAddresses(variables, database);
  // The emailers would send what is not ours.
  if (backing.outlivesRun) await purgeQueues(direct.amqpUrls);
  const links = startLinks(direct, variables, resources);
  const mailtrapApi = resources.use(startHttpProxy(variables.MAILTRAP_URL ?? ""));
  const services = startServices({
    ...variables,
    ...SETTINGS,
    MONGODB_URL: through(links["mail-poller to database"], [direct.mongodbUrl]).join(),
    ZIPKIN_URL: through(links["services to collector"], [direct.zipkinUrl]).join(),
    SMTP_PORT: links["emailer to mail server"].map(({ port }) => port).join(),
    MAILTRAP_URL: mailtrapApi.url,
  }, { links, direct, onLine, resources });

  const processes = [...services.map(({ process }) => process), ...behind];
  const gaveUp = Promise.race(processes.map(({ gaveUp }) => gaveUp));
  // Nobody has to await it.
  gaveUp.catch(() => {});
  const stop = async (stopped: readonly RestartedService[]) => {
    await Promise.all(stopped.map(({ process }) => process[Symbol.asyncDispose]()));
  };
  const started = resources.move();
  return {
    services,
    processes,
    components,
    outlivesRun: backing.outlivesRun,
    links,
    mailtrapApi,
    loadGate: new Gate(),
    direct,
    stopService: (service) => stop(services.filter((each) => each.service === service)),
    gaveUp,
    async [Symbol.asyncDispose]() {
      // All services at once: with a collector that is away each takes some seconds for its last spans.
      await stop(services);
      await started.disposeAsync();
    },
  };
}

function startLinks(
  { amqpUrls, mongodbUrl, zipkinUrl }: DirectAddresses,
  { SMTP_HOST = "", SMTP_PORT }: StandInVariables,
  resources: AsyncDisposableStack,
): ChaosSystem["links"] {
  const linksTo = (urls: readonly string[]) =>
    urls.map((text) => {
      const { hostname, port } = new URL(text);
      return resources.use(new TcpProxy({ hostname, port: Number(port) }));
    });
  return {
    "message-server to broker": linksTo(amqpUrls),
    "emailer to broker": linksTo(amqpUrls),
    "emailer to mail server": linksTo([`smtp://${SMTP_HOST}:${SMTP_PORT}`]),
    "mail-poller to database": linksTo([mongodbUrl]),
    "services to collector": linksTo([zipkinUrl]),
  };
}

interface ServicePlace extends Pick<ChaosSystem, "links" | "direct"> {
  readonly onLine: ChaosSystemOptions["onLine"];
  readonly resources: AsyncDisposableStack;
}

function startServices(
  settings: Environment,
  { links, direct: { amqpUrls }, onLine, resources }: ServicePlace,
): readonly RestartedService[] {
  return SERVICE_NAMES.flatMap((service) => {
    const link = service === "emailer" ? "emailer to broker" : "message-server to broker";
    const nodes = through(links[link], amqpUrls);
    return Array.from({ length: SERVICE_COUNTS[service] }, (_, index) => {
      const name = targetName(service, index);
      // Each begins with another node.
      const first = index % nodes.length;
      const AMQP_URL = [...nodes.slice(first), ...nodes.slice(0, first)].join();
      const port = freePort();
      const url = new URL(`http://127.0.0.1:${port}`);
      const run = {
        environment: { ...settings, AMQP_URL },
        port,
        onLine: (line: string) => onLine(name, line),
      };
      const process = resources.use(
        new RestartedProcess({
          name,
          start: () => new ServiceProcess(service, run),
          onLine: run.onLine,
          isAlive: () => answersOk(`${url.origin}/healthz`),
          isReady: () => answersOk(`${url.origin}/readyz`),
        }),
      );
      return { service, process, url };
    });
  });
}

function directAddresses(variables: StandInVariables, database: string): DirectAddresses {
  const { AMQP_URL = "", MONGODB_URL = "", ZIPKIN_URL = "", MAILTRAP_URL } = variables;
  const mongodb = new URL(MONGODB_URL);
  mongodb.pathname = `/${database}`;
  // The driver stays with the address that it is given: behind it is the proxy.
  mongodb.searchParams.set("directConnection", "true");
  return {
    amqpUrls: AMQP_URL.split(","),
    mongodbUrl: mongodb.href,
    zipkinUrl: ZIPKIN_URL,
    inboxUrl: new URL(`/api/sandboxes/${variables.MAILTRAP_BOXID}/messages`, MAILTRAP_URL),
    mailtrapToken: variables.MAILTRAP_TOKEN ?? "",
    faultsUrl: new URL(variables.FAULTS_URL ?? ""),
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
