import type { Environment } from "@playground/shared/configuration";
import { TcpProxy } from "@playground/shared/testing";
import { ANY_PORTS, startStandIns } from "@playground/tasks/standins";
import { type HttpProxy, startHttpProxy } from "./http_proxy.ts";
import { startTestSystem, type TestSystem } from "./test_system.ts";

/** A running system whose every way to a backing service can be cut or answered for. */
export interface FaultySystem extends TestSystem {
  /** The way to RabbitMQ. */
  readonly amqp: TcpProxy;
  /** The way to the mail server. */
  readonly smtp: TcpProxy;
  /** The way to the Mailtrap API. */
  readonly mailtrapApi: HttpProxy;
  /** The way to MongoDB. */
  readonly mongodb: TcpProxy;
  /** The way to the collector. */
  readonly zipkin: HttpProxy;
  /** The collector itself. */
  readonly zipkinUrl: string;
  /** The broker itself. */
  readonly amqpUrl: string;
}

/** Starts a system with a proxy before each of its backing services. */
export async function startFaultySystem(
  zipkinUrl: string | undefined,
  settings: Environment = {},
): Promise<FaultySystem> {
  await using resources = new AsyncDisposableStack();
  const { variables } = resources.use(
    await startStandIns(["zipkin", "amqp", "mailtrap", "mongodb"], ANY_PORTS),
  );
  const urls = {
    zipkin: zipkinUrl ?? variables.ZIPKIN_URL ?? "",
    amqp: variables.AMQP_URL ?? "",
    mongodb: variables.MONGODB_URL ?? "",
    mailtrapApi: variables.MAILTRAP_URL ?? "",
  };
  const before = (port: string | undefined) =>
    resources.use(new TcpProxy({ hostname: "127.0.0.1", port: Number(port) }));
  const amqp = before(new URL(urls.amqp).port);
  const mongodb = before(new URL(urls.mongodb).port);
  const smtp = before(variables.SMTP_PORT);
  const mailtrapApi = resources.use(startHttpProxy(urls.mailtrapApi));
  const zipkin = resources.use(startHttpProxy(urls.zipkin));

  const test = resources.use(
    await startTestSystem({
      settings: {
        ...variables,
        AMQP_URL: withPort(urls.amqp, amqp.port),
        MONGODB_URL: withPort(urls.mongodb, mongodb.port),
        SMTP_PORT: String(smtp.port),
        MAILTRAP_URL: mailtrapApi.url,
        ZIPKIN_URL: zipkin.url,
        ...settings,
      },
    }),
  );
  const running = resources.move();
  return {
    ...test,
    amqp,
    smtp,
    mailtrapApi,
    mongodb,
    zipkin,
    zipkinUrl: urls.zipkin,
    amqpUrl: urls.amqp,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function withPort(url: string, port: number): string {
  const changed = new URL(url);
  changed.port = String(port);
  return changed.href;
}
