/**
 * The embedded stand-ins for RabbitMQ, MongoDB, Zipkin and Mailtrap: real protocols over real sockets, on loopback, durable in
 * SQLite. Any of them run together ({@linkcode startStandIns}), with a control API that makes them fail on purpose (`faults/`);
 * `main.ts` is the command. Mailtrap's runs in a container as well (`mailtrap/main.ts`).
 *
 * @module
 */
import { startAmqpBroker } from "./amqp/mod.ts";
import { type Collections, createControlApi } from "./faults/control_api.ts";
import { type FaultPart, Faults } from "./faults/mod.ts";
import { applyServiceFaults, type ApplySettings } from "./faults/service_settings.ts";
import { LOOPBACK, serveHttpOn } from "./listen.ts";
import { startMailtrap } from "./mailtrap/mod.ts";
import { startMongodb } from "./mongodb/mod.ts";
import type { ReadLinks } from "./page.ts";
import type { StandInVariables } from "./stand_in.ts";
import { startZipkin } from "./zipkin/mod.ts";
import { startZipkinProxy } from "./zipkin/proxy.ts";

export type { ServiceSettings } from "./faults/service_settings.ts";
export type { StandInVariables } from "./stand_in.ts";

/** The stand-ins, in the order of an email's way. */
export const STAND_IN_NAMES = ["zipkin", "amqp", "mailtrap", "mongodb"] as const;

/** One of {@linkcode STAND_IN_NAMES}. */
export type StandInName = typeof STAND_IN_NAMES[number];

/** Running stand-ins. Disposing them stops them. */
export interface RunningStandIns extends AsyncDisposable {
  /** How to reach those that were started. */
  readonly variables: StandInVariables;
}

/** Any free port for each listener. */
export const ANY_PORTS = {
  amqpPort: 0,
  mongodbPort: 0,
  zipkinPort: 0,
  smtpPort: 0,
  mailtrapApiPort: 0,
  faultsPort: 0,
} as const;

/** The port of each listener; 0 for any free one. Absent: its usual port, or the next free one. */
export type StandInPorts = Readonly<Partial<Record<keyof typeof ANY_PORTS, number>>>;

const FAULT_PARTS_OF = {
  zipkin: ["zipkin", "spans"],
  amqp: ["rabbitmq"],
  mailtrap: ["smtp", "mailtrap-api"],
  mongodb: ["mongodb"],
} as const satisfies Readonly<Record<StandInName, readonly FaultPart[]>>;

interface StandInsOptions {
  /** Where they keep their state. @default in memory */
  readonly stateDirectory?: string | undefined;
  /** The message server's page. */
  readonly pageUrl?: string | undefined;
  /** A real Zipkin, which the services reach through a proxy in which faults strike. */
  readonly zipkinUrl?: string | undefined;
  /** Starts services with other settings. @default there are no faults of services */
  readonly applySettings?: ApplySettings | undefined;
  /** What else the control server serves. */
  readonly collections?: (faults: Faults) => Collections;
}

const USUAL_FAULTS_PORT = 8026;

const START = { zipkin: startZipkin, amqp: startAmqpBroker, mongodb: startMongodb } as const;

/** Starts stand-ins, and the control API of their faults. Their pages link to one another, and to the message server's page. */
export async function startStandIns(
  names: readonly StandInName[],
  ports: StandInPorts = {},
  { stateDirectory, pageUrl, zipkinUrl, applySettings, collections }: StandInsOptions = {},
): Promise<RunningStandIns> {
  const faults = new Faults([
    ...names.flatMap((name) => FAULT_PARTS_OF[name]),
    ...zipkinUrl === undefined ? [] : ["spans"] as const,
    ...applySettings === undefined ? [] : ["services"] as const,
  ]);
  if (applySettings !== undefined) applyServiceFaults(faults, applySettings);
  const variables: Record<string, string> = {};
  const links: ReadLinks = () => ({
    Journey: pageUrl,
    Zipkin: zipkinUrl ?? (variables.ZIPKIN_URL && `${variables.ZIPKIN_URL}/zipkin/`),
    Inbox: variables.MAILTRAP_URL,
  });
  const options = { faults, stateDirectory, links };
  await using resources = new AsyncDisposableStack();
  const start = async (name: StandInName): Promise<StandInVariables> => {
    if (name === "mailtrap") {
      const { smtpPort, mailtrapApiPort: apiPort } = ports;
      return resources.use(await startMailtrap({ ...options, smtpPort, apiPort })).variables;
    }
    const port = ports[`${name}Port`];
    const { url } = resources.use(await START[name]({ ...options, port }));
    return { [`${name.toUpperCase()}_URL`]: url };
  };
  await Promise.all(names.map(async (name) => Object.assign(variables, await start(name))));
  if (zipkinUrl !== undefined) {
    const options = { zipkinUrl: new URL(zipkinUrl), faults, port: ports.zipkinPort };
    variables.ZIPKIN_URL = resources.use(await startZipkinProxy(options)).url;
  }
  const { faultsPort = USUAL_FAULTS_PORT } = ports;
  const api = createControlApi(faults, links, collections?.(faults));
  const control = resources.use(await serveHttpOn(LOOPBACK, faultsPort, api.fetch));
  // Last, hence ended first: nothing that a fault holds up may delay the end.
  resources.use(faults);
  return Object.assign(resources.move(), {
    variables: { ...variables, FAULTS_URL: control.url },
  });
}
