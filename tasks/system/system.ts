import { type Environment, zipkinBase } from "@playground/shared/configuration";
import {
  environmentOf,
  hostWithPort,
  ManagedProcess,
  permissionFlags,
  SERVICE_NAMES,
  type ServiceName,
  SERVICES,
} from "@playground/tasks/system";
import type { StandInName, StandInVariables } from "@playground/tasks/standins";
import type { PlaygroundUrls } from "@playground/tasks/running-system";
import { PortFinder } from "./ports.ts";
import { startStandInsProcess } from "./stand_ins_process.ts";
import { Supervisor } from "./supervisor.ts";
import { waitUntilReady } from "./wait_until_ready.ts";

/** How to start the whole system. */
export interface SystemOptions {
  /** What `.env` and the environment say. */
  readonly settings: Environment;
  /** What is embedded. */
  readonly embedded: readonly StandInName[];
  /** The root of the project. */
  readonly root: string;
  /** Where the stand-ins keep their state. */
  readonly stateDirectory: string;
  /** Makes the function that takes the lines of one part. */
  readonly outputOf: (name: string) => (line: string) => void;
  /** Ends a start that is under way. */
  readonly signal: AbortSignal;
  /** Leaves the usual ports alone, for tests beside a running system. @default false */
  readonly anyPort?: boolean;
}

/** The system, ready. Disposing it stops the services first, then the stand-ins. */
export interface PlaygroundSystem extends AsyncDisposable {
  /** Where its parts are. */
  readonly urls: PlaygroundUrls;
  /** How to reach the stand-ins. */
  readonly standInVariables: StandInVariables;
  /** What the services are configured with, but for their ports: what further processes of this system are given. */
  readonly variables: Environment;
  /** The address of Zipkin for people. */
  readonly zipkinPage: string | undefined;
  /** Rejected when a part cannot be kept running. */
  readonly gaveUp: Promise<never>;
  /** The process ids of the services and of the stand-ins. */
  readonly pids: Readonly<Record<string, number>>;
}

/** Polls are short in coming while somebody is watching. */
const DEV_POLL_INTERVAL_SECONDS = "5";

/** Nor do they wait for minutes, as RFC 5321 has it, to see that a mail server says nothing. */
const DEV_SMTP_TIMEOUTS = { SMTP_GREETING_TIMEOUT_SECONDS: "10", SMTP_TIMEOUT_SECONDS: "30" };

/** The name of the process that runs the stand-ins. */
export const STAND_INS = "stand-ins";

/**
 * Starts the stand-ins and the services, each service in a process of its own, and waits until all are ready.
 *
 * @throws {Error} If a part cannot start. What has started by then is stopped.
 */
export async function startSystem(options: SystemOptions): Promise<PlaygroundSystem> {
  const { settings, embedded, root, outputOf, signal } = options;
  await using resources = new AsyncDisposableStack();

  const standIns = embedded.length === 0
    ? undefined
    : resources.use(await startStandInsProcess({ ...options, onLine: outputOf(STAND_INS) }));
  signal.throwIfAborted();

  const common = {
    POLL_INTERVAL_SECONDS: DEV_POLL_INTERVAL_SECONDS,
    ...DEV_SMTP_TIMEOUTS,
    LOG_FORMAT: "pretty",
    ...settings,
    ...standIns?.variables,
  };
  const withOwnPort = withPorts(
    { ...common, STOP_AT_STDIN_EOF: "true" },
    options.anyPort ?? false,
  );
  const archive = { ARCHIVE_URL: baseUrl("mail-poller", withOwnPort("mail-poller")) };
  const environment = (name: ServiceName): Environment => ({ ...archive, ...withOwnPort(name) });

  const services = SERVICE_NAMES.map((name) => {
    const own = environment(name);
    const onLine = outputOf(name);
    return new Supervisor({
      onLine,
      start: () =>
        new ManagedProcess({
          name,
          args: ["run", ...permissionFlags(name, own), SERVICES[name].entryPoint],
          environment: environmentOf(name, own),
          cwd: root,
          onLine,
        }),
    });
  });
  // All at once: with a collector that hangs each takes some seconds for its last spans.
  resources.defer(async () => {
    await Promise.all(services.map((service) => service[Symbol.asyncDispose]()));
  });
  const supervisors = standIns === undefined ? services : [...services, standIns.supervisor];
  const gaveUp = Promise.race(supervisors.map((supervisor) => supervisor.gaveUp));
  // Whoever is interested awaits it; nobody has to.
  gaveUp.catch(() => {});
  await Promise.race([
    Promise.all(
      SERVICE_NAMES.map((name) =>
        waitUntilReady(name, baseUrl(name, environment(name)), outputOf(name), signal)
      ),
    ),
    gaveUp,
  ]);

  const all = environment("mail-poller");
  const sending = environment("emailer");
  const zipkinPage = settings.ZIPKIN_PUBLIC_URL ?? all.ZIPKIN_URL;
  const started = resources.move();
  return {
    urls: {
      messageServer: baseUrl("message-server", environment("message-server")),
      zipkin: zipkinBase(all.ZIPKIN_URL ?? ""),
      amqp: sending.AMQP_URL ?? "",
      mongodb: all.MONGODB_URL ?? "",
      mailtrapApi: all.MAILTRAP_URL ?? "https://mailtrap.io",
      smtp: `smtp://${sending.SMTP_HOST ?? "sandbox.smtp.mailtrap.io"}:${
        sending.SMTP_PORT ?? 2525
      }`,
      emailer: baseUrl("emailer", sending),
      faults: standIns?.variables.FAULTS_URL,
    },
    standInVariables: standIns?.variables ?? {},
    variables: withoutPorts(common),
    zipkinPage: zipkinPage && zipkinBase(zipkinPage),
    gaveUp,
    get pids() {
      return Object.fromEntries(supervisors.map(({ name, pid }) => [name, pid]));
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

/** What any of the services reads, but for what one alone can use. */
function withoutPorts(environment: Environment): Environment {
  const variables = SERVICE_NAMES.map((name) => environmentOf(name, environment));
  const ports = SERVICE_NAMES.map((name) => [SERVICES[name].healthPort.variable, undefined]);
  return Object.assign({}, ...variables, Object.fromEntries(ports), {
    STOP_AT_STDIN_EOF: undefined,
  });
}

/** Gives each service a port of its own. `PORT` is kept where it is set; one `HEALTH_PORT` cannot serve two services. */
function withPorts(
  settings: Environment,
  anyPort: boolean,
): (service: ServiceName) => Environment {
  const finder = new PortFinder(settings.HOST ?? "127.0.0.1");
  if (settings.PORT !== undefined) finder.reserve(Number(settings.PORT));
  const ports = new Map<ServiceName, Environment>();
  for (const name of SERVICE_NAMES) {
    const { variable, usual } = SERVICES[name].healthPort;
    const isShared = variable === "HEALTH_PORT";
    const given = isShared ? undefined : settings[variable];
    const port = given ?? String(finder.find(anyPort ? 0 : usual));
    ports.set(name, { [variable]: port });
  }
  return (service) => ({ ...settings, ...ports.get(service) });
}

function baseUrl(service: ServiceName, environment: Environment): string {
  const host = environment.HOST ?? "127.0.0.1";
  const isWildcard = host === "0.0.0.0" || host === "::";
  const port = environment[SERVICES[service].healthPort.variable] ?? "";
  return `http://${hostWithPort(isWildcard ? "127.0.0.1" : host, port)}`;
}
