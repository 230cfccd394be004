import { type Environment, zipkinBase } from "@playground/shared/configuration";
import type { ServiceSettings, StandInName } from "@playground/tasks/standins";
import { ManagedProcess } from "./managed_process.ts";
import { hostWithPort, serviceArgs } from "./permissions.ts";
import { PortFinder } from "./ports.ts";
import { environmentOf, SERVICE_NAMES, type ServiceName, SERVICES, settingOf } from "./services.ts";
import type { PlaygroundUrls } from "./running_system.ts";
import { STAND_INS, superviseStandIns } from "./stand_ins.ts";
import { Supervisor } from "./supervisor.ts";
import { waitUntilReady } from "./wait_until_ready.ts";

interface SystemOptions {
  readonly settings: Environment;
  readonly embedded: readonly StandInName[];
  readonly stateDirectory: string;
  readonly outputOf: (name: string) => (line: string) => void;
  readonly signal: AbortSignal;
  /** Leaves the usual ports alone. @default false */
  readonly anyPort?: boolean;
}

/** A ready system. Disposing it stops the services first, then the stand-ins. */
export type PlaygroundSystem = Awaited<ReturnType<typeof startSystem>>;

/** Somebody is watching: polls are frequent, and the timeout of a silent mail server is shorter than RFC 5321's minutes. */
const DEV_DEFAULTS: Environment = {
  POLL_INTERVAL_SECONDS: "5",
  SMTP_GREETING_TIMEOUT_SECONDS: "10",
  SMTP_TIMEOUT_SECONDS: "30",
  LOG_FORMAT: "pretty",
};

/** Five processes on a laptop with little to do: a small young generation takes 40 of 255 MB less, and as long to start. */
const RUNTIME_FLAGS = ["--v8-flags=--max-semi-space-size=1"];

/**
 * Starts the stand-ins and the services, each service in a process of its own, and waits until all are ready.
 *
 * @throws {Error} If a part cannot start. What has started by then is stopped.
 */
export async function startSystem(options: SystemOptions) {
  const { settings, embedded, stateDirectory, outputOf, signal, anyPort = false } = options;
  await using resources = new AsyncDisposableStack();
  // Before the stand-ins, whose pages link to the message server's.
  const ports = resources.use(new PortFinder(settings.HOST ?? "127.0.0.1"));
  const planned = serviceEnvironments({ ...DEV_DEFAULTS, ...settings }, ports, anyPort);
  const zipkinUrl = zipkinToProxy(settings);
  const services = new Map<ServiceName, Supervisor>();
  const changed: Partial<Record<ServiceName, Environment>> = {};
  const untilReady = (name: ServiceName, patience: AbortSignal) =>
    waitUntilReady(name, baseUrl(name, planned[name]), outputOf(name), patience);
  const restartChanged = async (wanted: ServiceSettings) => {
    await Promise.all([...services].map(async ([name, service]) => {
      if (JSON.stringify(changed[name]) === JSON.stringify(wanted[name])) return;
      changed[name] = wanted[name];
      await service.restart();
      await untilReady(name, AbortSignal.timeout(RESTART_TIMEOUT_MS));
    }));
  };
  const standIns = embedded.length === 0 && zipkinUrl === undefined
    ? undefined
    : await superviseStandIns({
      standIns: embedded,
      stateDirectory,
      runtimeFlags: RUNTIME_FLAGS,
      pageUrl: `${baseUrl("message-server", planned["message-server"])}/`,
      zipkinUrl,
      onSettings: inTurn(restartChanged, outputOf(STAND_INS)),
      onLine: outputOf(STAND_INS),
      anyPort,
      signal,
    }, resources);
  signal.throwIfAborted();

  const variables = {
    ...DEV_DEFAULTS,
    ...settings,
    ...standIns?.variables,
    ...zipkinUrl === undefined ? {} : { ZIPKIN_URL: zipkinUrl },
  };
  for (const name of SERVICE_NAMES) {
    const environment = () => ({
      ...zipkinUrl === undefined ? {} : { ZIPKIN_PUBLIC_URL: zipkinUrl },
      ...planned[name],
      ...standIns?.variables,
      ...changed[name],
    });
    services.set(name, supervise(name, environment, outputOf(name)));
  }
  // In parallel: with a hanging collector, each takes some seconds for its last spans.
  resources.defer(async () => {
    await Promise.all(services.values().map((service) => service[Symbol.asyncDispose]()));
  });
  const supervisors = [
    ...services.values(),
    ...standIns === undefined ? [] : [standIns.supervisor],
  ];
  const gaveUp = Promise.race(supervisors.map((supervisor) => supervisor.gaveUp));
  // Callers may await it.
  gaveUp.catch(() => {});
  const ready = SERVICE_NAMES.map((name) => untilReady(name, signal));
  await Promise.race([Promise.all(ready), gaveUp]);

  const zipkinPage = settings.ZIPKIN_PUBLIC_URL ?? variables.ZIPKIN_URL;
  return Object.assign(resources.move(), {
    urls: urlsOf(planned, variables, standIns?.variables.FAULTS_URL),
    variables: withoutPorts(variables),
    /** The address of Zipkin for people. */
    zipkinPage: zipkinPage && zipkinBase(zipkinPage),
    /** Rejected when a part cannot be kept running. */
    gaveUp,
    pids: () => supervisors.map(({ pid }) => pid),
  });
}

/** A service that is stopped may have mails in flight. */
const RESTART_TIMEOUT_MS = 30_000;

function zipkinToProxy(settings: Environment): string | undefined {
  const exporter = settingOf("message-server", "OTEL_TRACES_EXPORTER", settings) ?? "";
  return settings.ZIPKIN_URL === undefined || !exporter.startsWith("zipkin")
    ? undefined
    : zipkinBase(settings.ZIPKIN_URL);
}

/** Runs one after the other, and reports failures. */
function inTurn<Argument>(
  work: (argument: Argument) => Promise<void>,
  tell: (line: string) => void,
): (argument: Argument) => Promise<void> {
  let last = Promise.resolve();
  return (argument) => last = last.then(() => work(argument)).catch((error) => tell(String(error)));
}

type ServiceEnvironments = Readonly<Record<ServiceName, Environment>>;

/**
 * Gives each service a port of its own, which must be known before it starts. A set `PORT` is kept, except for 0; one
 * `HEALTH_PORT` cannot serve two services.
 */
export function serviceEnvironments(
  variables: Environment,
  ports: PortFinder,
  anyPort: boolean,
): ServiceEnvironments {
  const withPort = (name: ServiceName): Environment => {
    const { variable, usual } = SERVICES[name].healthPort;
    const given = variable === "HEALTH_PORT" ? undefined : variables[variable];
    const wanted = Number(given ?? (anyPort ? 0 : usual));
    const port = given === undefined || wanted === 0 ? ports.find(wanted) : ports.reserve(wanted);
    return { ...variables, STOP_AT_STDIN_EOF: "true", [variable]: String(port) };
  };
  const server = withPort("message-server");
  const emailer = withPort("emailer");
  const poller = withPort("mail-poller");
  const archive = { ARCHIVE_URL: baseUrl("mail-poller", poller) };
  return { "message-server": { ...archive, ...server }, emailer, "mail-poller": poller };
}

function supervise(
  name: ServiceName,
  environment: () => Environment,
  onLine: (line: string) => void,
): Supervisor {
  return new Supervisor({
    onLine,
    start: () =>
      new ManagedProcess({
        name,
        args: serviceArgs(name, environment(), RUNTIME_FLAGS),
        environment: environmentOf(name, environment()),
        onLine,
      }),
  });
}

function urlsOf(
  environments: ServiceEnvironments,
  variables: Environment,
  faults: string | undefined,
): PlaygroundUrls {
  const smtp = (name: string) => settingOf("emailer", name, variables);
  return {
    messageServer: baseUrl("message-server", environments["message-server"]),
    zipkin: zipkinBase(variables.ZIPKIN_URL ?? ""),
    amqp: variables.AMQP_URL ?? "",
    mongodb: variables.MONGODB_URL ?? "",
    mailtrapApi: settingOf("mail-poller", "MAILTRAP_URL", variables) ?? "",
    smtp: `smtp://${smtp("SMTP_HOST")}:${smtp("SMTP_PORT")}`,
    emailer: baseUrl("emailer", environments.emailer),
    faults,
  };
}

/** What any of the services reads, except what only one can use: for further processes of this system. */
function withoutPorts(environment: Environment): Environment {
  const variables = SERVICE_NAMES.map((name) => environmentOf(name, environment));
  const own = { PORT: undefined, HEALTH_PORT: undefined, STOP_AT_STDIN_EOF: undefined };
  return Object.assign({}, ...variables, own);
}

function baseUrl(service: ServiceName, environment: Environment): string {
  const host = environment.HOST ?? "127.0.0.1";
  const isWildcard = host === "0.0.0.0" || host === "::";
  const port = environment[SERVICES[service].healthPort.variable] ?? "";
  return `http://${hostWithPort(isWildcard ? "127.0.0.1" : host, port)}`;
}
