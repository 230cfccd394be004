import { join } from "node:path";
import type { Environment } from "@playground/shared/configuration";
import { TcpProxy } from "@playground/shared/testing";
import { SERVICE_NAMES } from "@playground/tasks/launcher";
import type { StandInName, StandInVariables } from "@playground/tasks/standins";
import { type HttpProxy, startHttpProxy } from "../testing/http_proxy.ts";
import { type Component, COMPONENTS, SERVICE_COUNTS, targetName, type Way } from "./faults.ts";
import { type MortalService, startMortalService } from "./service_process.ts";
import { startStandInProcess } from "./stand_in_process.ts";
import type { MortalProcess } from "./mortal_process.ts";

/** The real components of a run; what is not named is a stand-in. */
export interface RealComponents {
  /** RabbitMQ, one node. */
  readonly amqpUrl: string;
  /** A MongoDB-wire server, without a database. */
  readonly mongodbUrl: string;
  /** Zipkin. */
  readonly zipkinUrl: string;
}

/** How to put the system together. */
export interface ChaosSystemOptions {
  /** The real components, or all stand-ins. */
  readonly real?: RealComponents | undefined;
  /** The database, of this run alone. */
  readonly database: string;
  /** Takes the lines of all processes. */
  readonly onLine: (name: string, line: string) => void;
}

/** Where things really are, past all proxies: for looking at them. */
export interface DirectAddresses {
  /** The broker. */
  readonly amqpUrl: string;
  /** The database server, with the run's database. */
  readonly mongodbUrl: string;
  /** The list of the messages in the inbox. */
  readonly inboxUrl: URL;
  /** The token for it. */
  readonly mailtrapToken: string;
  /** Whether the broker was there before the run, and may hold what is not the run's. */
  readonly isBrokerShared: boolean;
}

/** Several of each service, each way between them and what stands behind them in our hands. Disposing it stops all. */
export interface ChaosSystem extends AsyncDisposable {
  /** The services. */
  readonly services: readonly MortalService[];
  /** The processes of the services and of the stand-ins. */
  readonly processes: readonly MortalProcess[];
  /** The stand-ins. */
  readonly standIns: ReadonlyMap<Component, MortalProcess>;
  /** The ways, each through a proxy. */
  readonly ways: Readonly<Record<Way, TcpProxy>>;
  /** The way to the Mailtrap API. */
  readonly mailtrapApi: HttpProxy;
  /** The ways past the proxies. */
  readonly direct: DirectAddresses;
  /** Asks all processes of a service to stop, and waits for them. */
  readonly stopService: (service: MortalService["service"]) => Promise<void>;
  /** Rejected when a process cannot be kept running. */
  readonly gaveUp: Promise<never>;
}

/** The waits before an email is tried again. Six attempts take eight seconds: longer than any one fault. */
export const RETRY_DELAYS = "300ms,700ms,1s,2s";
const MAX_ATTEMPTS = "7";

const STAND_INS: Readonly<Record<Component, StandInName>> = {
  broker: "amqp",
  database: "mongodb",
  collector: "zipkin",
  mailtrap: "mailtrap",
};

/**
 * Starts the system; does not wait until the services are ready.
 *
 * @param options What it is made of.
 * @returns The system.
 */
export async function startChaosSystem(options: ChaosSystemOptions): Promise<ChaosSystem> {
  const { real, database, onLine } = options;
  await using resources = new AsyncDisposableStack();
  const directory = await Deno.makeTempDir({ prefix: "chaos-" });
  resources.defer(() => Deno.remove(directory, { recursive: true }));

  const embedded = real === undefined ? COMPONENTS : ["mailtrap"] as const;
  const started = await Promise.all(embedded.map(async (component) => {
    const { process, variables } = await startStandInProcess({
      name: component,
      standIn: STAND_INS[component],
      stateDirectory: join(directory, component),
      onLine: (line) => onLine(component, line),
    }, resources);
    return { component, process, variables };
  }));
  const variables: StandInVariables = Object.assign({}, ...started.map((each) => each.variables));

  const direct = directAddresses(variables, real, database);
  const zipkinUrl = real?.zipkinUrl ?? variables.ZIPKIN_URL ?? "";
  const wayTo = (hostname: string, port: string | undefined) =>
    resources.use(new TcpProxy({ hostname, port: Number(port) }));
  const wayToUrl = (text: string) => {
    const url = new URL(text);
    return wayTo(url.hostname, url.port);
  };
  const ways: Record<Way, TcpProxy> = {
    "message-server to broker": wayToUrl(direct.amqpUrl),
    "emailer to broker": wayToUrl(direct.amqpUrl),
    "emailer to mail server": wayTo(variables.SMTP_HOST ?? "", variables.SMTP_PORT),
    "mail-poller to database": wayToUrl(direct.mongodbUrl),
    "services to collector": wayToUrl(zipkinUrl),
  };
  const mailtrapApi = resources.use(startHttpProxy(variables.MAILTRAP_URL ?? ""));

  const common: Environment = {
    ...variables,
    MONGODB_URL: through(ways["mail-poller to database"], direct.mongodbUrl),
    ZIPKIN_URL: through(ways["services to collector"], zipkinUrl),
    SMTP_HOST: "127.0.0.1",
    SMTP_PORT: String(ways["emailer to mail server"].port),
    MAILTRAP_URL: mailtrapApi.url,
    RETRY_DELAYS,
    MAX_ATTEMPTS,
    POLL_INTERVAL_SECONDS: "1",
    LOG_FORMAT: "pretty",
    STOP_AT_STDIN_EOF: "true",
  };
  const services = SERVICE_NAMES.flatMap((service) => {
    const toBroker = ways[service === "emailer" ? "emailer to broker" : "message-server to broker"];
    const environment = { ...common, AMQP_URL: through(toBroker, direct.amqpUrl) };
    return Array.from({ length: SERVICE_COUNTS[service] }, (_, index) => {
      const name = targetName(service, index);
      return startMortalService({
        name,
        service,
        environment,
        onLine: (line) => onLine(name, line),
      }, resources);
    });
  });

  const standIns = new Map(started.map(({ component, process }) => [component, process]));
  const processes = [...services.map(({ process }) => process), ...standIns.values()];
  const gaveUp = Promise.race(processes.map(({ gaveUp }) => gaveUp));
  // Whoever is interested awaits it; nobody has to.
  gaveUp.catch(() => {});
  const running = resources.move();
  return {
    services,
    processes,
    standIns,
    ways,
    mailtrapApi,
    direct,
    stopService: async (service) => {
      const stopping = services.filter((each) => each.service === service);
      await Promise.all(stopping.map(({ process }) => process[Symbol.asyncDispose]()));
    },
    gaveUp,
    async [Symbol.asyncDispose]() {
      // All services at once: with a collector that is away each takes some seconds for its last spans.
      await Promise.all(services.map(({ process }) => process[Symbol.asyncDispose]()));
      await running.disposeAsync();
    },
  };
}

function directAddresses(
  variables: StandInVariables,
  real: RealComponents | undefined,
  database: string,
): DirectAddresses {
  const mongodb = new URL(real?.mongodbUrl ?? variables.MONGODB_URL ?? "");
  mongodb.pathname = `/${database}`;
  // The driver stays with the address that it is given: behind it is the proxy.
  mongodb.searchParams.set("directConnection", "true");
  return {
    amqpUrl: real?.amqpUrl ?? variables.AMQP_URL ?? "",
    mongodbUrl: mongodb.href,
    inboxUrl: new URL(
      `/api/sandboxes/${variables.MAILTRAP_BOXID}/messages`,
      variables.MAILTRAP_URL,
    ),
    mailtrapToken: variables.MAILTRAP_TOKEN ?? "",
    isBrokerShared: real !== undefined,
  };
}

function through(way: TcpProxy, address: string): string {
  const url = new URL(address);
  url.hostname = "127.0.0.1";
  url.port = String(way.port);
  return url.href;
}
