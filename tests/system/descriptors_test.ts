/**
 * A process that has no file descriptor left can open nothing: no service ends of it, and emails flow again afterwards.
 */
import { deepEqual, ok } from "node:assert/strict";
import type { Environment } from "@playground/shared/configuration";
import { hasTestPermissions, integrationTest, waitFor } from "@playground/shared/testing";
import { TcpProxy } from "../fixture/tcp_proxy.ts";
import { SERVICE_NAMES } from "@playground/tasks/system";
import { ANY_PORTS, STAND_IN_NAMES, startStandIns } from "@playground/tasks/standins";
import { HALF_BODY, HALF_HEAD, HalfSentRequests } from "../fixture/half_sent_requests.ts";
import { acceptEmail, clientOf, ServiceProcess } from "../fixture/service_process.ts";
import { traceUntil } from "../fixture/test_system.ts";

/** The usual limit of a process. */
const DESCRIPTOR_LIMIT = 1_024;
const CALLER_COUNT = 1_100;
/** All that a service has open when it runs is more than that. */
const NOTHING_MORE = 4;

/** Sets how many file descriptors a process may have (prlimit(1)). */
async function limitDescriptors({ pid }: ServiceProcess, count: number): Promise<void> {
  const { success, stderr } = await new Deno.Command("prlimit", {
    args: ["--pid", String(pid), `--nofile=${count}:${DESCRIPTOR_LIMIT}`],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

async function hasPrlimit(): Promise<boolean> {
  try {
    return (await new Deno.Command("prlimit", { args: ["--version"] }).output()).success;
  } catch {
    return false;
  }
}

const options = hasTestPermissions && !await hasPrlimit()
  ? { ignoredBecause: "install prlimit to run it" }
  : {};

/** All three services, each way from them to a backing service through a proxy. */
async function startServices() {
  await using resources = new AsyncDisposableStack();
  const { variables } = resources.use(await startStandIns([...STAND_IN_NAMES], ANY_PORTS));
  const ways: TcpProxy[] = [];
  const through = (port: string | undefined) => {
    const way = resources.use(new TcpProxy({ hostname: "127.0.0.1", port: Number(port) }));
    ways.push(way);
    return String(way.port);
  };
  const throughUrl = (text: string | undefined) => {
    const url = new URL(text ?? "");
    url.port = through(url.port);
    return url.href;
  };
  const environment: Environment = {
    ...variables,
    POLL_INTERVAL_SECONDS: "1",
    AMQP_URL: throughUrl(variables.AMQP_URL),
    MONGODB_URL: throughUrl(variables.MONGODB_URL),
    ZIPKIN_URL: throughUrl(variables.ZIPKIN_URL),
    MAILTRAP_URL: throughUrl(variables.MAILTRAP_URL),
    SMTP_PORT: through(variables.SMTP_PORT),
  };
  const services = SERVICE_NAMES.map((name) =>
    resources.use(new ServiceProcess(name, { environment }))
  );
  const ended: string[] = [];
  for (const service of services) {
    service.exitCode.then((code) => ended.push(`${service.name} ended with ${code}`));
  }
  await Promise.all(services.map((service) => service.ready()));
  const started = resources.move();
  return {
    services,
    ways,
    ended,
    /** Sends an email, and waits until it is archived. */
    async sendEmail() {
      const server = services.find(({ name }) => name === "message-server");
      ok(server);
      const { traceId } = await acceptEmail(server);
      await traceUntil(clientOf(server), traceId, ({ state }) => state.name === "archived");
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

const says = ({ lines }: ServiceProcess, text: string) => lines.some((line) => line.includes(text));

/** Over a new connection: one from before is served until it is cut. */
async function listensAnew({ name, url }: ServiceProcess): Promise<void> {
  const { hostname, port } = new URL(url);
  await waitFor(`the ${name} listens`, async () => {
    try {
      (await Deno.connect({ hostname, port: Number(port) })).close();
      return true;
    } catch {
      return false;
    }
  });
}

for (const [part, request] of [["heads", HALF_HEAD], ["bodies", HALF_BODY]] as const) {
  integrationTest(
    `1,100 half-sent ${part} at ulimit -n 1024 end no service, and emails flow again once the callers are gone`,
    async () => {
      await using test = await startServices();
      for (const service of test.services) await limitDescriptors(service, DESCRIPTOR_LIMIT);
      {
        await using callers = new AsyncDisposableStack();
        for (const { url } of test.services) {
          callers.use(await HalfSentRequests.open(url, request, CALLER_COUNT));
        }
        for (const service of test.services) {
          await waitFor(
            `the ${service.name} cannot accept a connection`,
            () => says(service, "Cannot accept connections"),
          );
        }
      }
      await Promise.all(test.services.map(listensAnew));
      await test.sendEmail();
      deepEqual(test.ended, []);
    },
    options,
  );
}

integrationTest(
  "a service that can open nothing at all goes on, and works again when it can",
  async () => {
    await using test = await startServices();
    await test.sendEmail();
    for (const service of test.services) await limitDescriptors(service, NOTHING_MORE);
    for (const way of test.ways) way.cut();
    const complaint = {
      "message-server": "Cannot use RabbitMQ",
      emailer: "Cannot use RabbitMQ",
      "mail-poller": "Mailtrap cannot be reached",
    };
    for (const service of test.services) {
      await waitFor(`the ${service.name} can open nothing`, async () => {
        using _caller = await HalfSentRequests.open(service.url, HALF_HEAD, 1);
        return says(service, complaint[service.name]) && says(service, "Cannot accept connections");
      });
    }
    deepEqual(test.ended, []);

    for (const service of test.services) await limitDescriptors(service, DESCRIPTOR_LIMIT);
    await Promise.all(test.services.map(listensAnew));
    await Promise.all(test.services.map((service) => service.ready()));
    await test.sendEmail();
    deepEqual(test.ended, []);
  },
  options,
);
