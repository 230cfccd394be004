/**
 * A process without a free file descriptor can open nothing. No service may end because of that, and emails flow again afterwards.
 */
import { deepEqual, equal } from "node:assert/strict";
import type { Environment } from "@playground/shared/configuration";
import {
  hasTestPermissions,
  integrationTest,
  runProgram,
  waitFor,
} from "@playground/shared/testing";
import { SERVICE_NAMES } from "@playground/tasks/system";
import { ANY_PORTS, STAND_IN_NAMES, startStandIns } from "@playground/tasks/standins";
import { HALF_BODY, HALF_HEAD, HalfSentRequests } from "../fixture/half_sent_requests.ts";
import { acceptEmail } from "../fixture/emails.ts";
import { isListening } from "../fixture/ports.ts";
import { type ServiceProcess, startServices } from "../fixture/service_process.ts";
import { takeSteps } from "../fixture/steps.ts";
import { TcpProxy } from "../fixture/tcp_proxy.ts";
import { isIn, traceUntil } from "../fixture/test_system.ts";

/** The usual limit of a process. */
const DESCRIPTOR_LIMIT = 1_024;
const CALLER_COUNT = 1_100;
/** A running service has more files open than this. */
const NOTHING_MORE = 4;

/** Sets how many file descriptors a process may have (prlimit(1)). */
async function limitDescriptors({ pid }: ServiceProcess, count: number): Promise<void> {
  const limit = `--nofile=${count}:${DESCRIPTOR_LIMIT}`;
  const { code, output } = await runProgram("prlimit", ["--pid", String(pid), limit]);
  equal(code, 0, output);
}

const hasPrlimit = () => runProgram("prlimit", ["--version"]).then(() => true, () => false);

const options = hasTestPermissions && !await hasPrlimit()
  ? { ignoredBecause: "install prlimit to run it" }
  : {};

const CANNOT_REACH = {
  "message-server": "Cannot use RabbitMQ",
  emailer: "Cannot use RabbitMQ",
  "mail-poller": "Mailtrap cannot be reached",
};
const CANNOT_ACCEPT = "Cannot accept connections";

const refusalCount = ({ lines }: ServiceProcess) =>
  lines.filter((line) => line.includes(CANNOT_ACCEPT)).length;

/** Over a new connection: one from before is served until it is cut. */
const listensAnew = ({ name, url }: ServiceProcess) =>
  waitFor(`the ${name} listens`, () => isListening(Number(new URL(url).port)));

integrationTest("services without file descriptors", async (context) => {
  await using resources = new AsyncDisposableStack();
  const { variables } = resources.use(await startStandIns([...STAND_IN_NAMES], ANY_PORTS));
  /** The connections from the services to their backing services. */
  const ways: TcpProxy[] = [];
  const through = (address: string | undefined) => {
    const way = resources.use(new TcpProxy(address));
    ways.push(way);
    return way.url;
  };
  const environment: Environment = {
    ...variables,
    POLL_INTERVAL_SECONDS: "1",
    AMQP_URL: through(variables.AMQP_URL),
    MONGODB_URL: through(variables.MONGODB_URL),
    ZIPKIN_URL: through(variables.ZIPKIN_URL),
    MAILTRAP_URL: through(variables.MAILTRAP_URL),
    SMTP_PORT: new URL(through(`smtp://127.0.0.1:${variables.SMTP_PORT}`)).port,
  };
  const running = resources.use(await startServices(SERVICE_NAMES, { environment }));
  const { "message-server": server } = running;
  const services = SERVICE_NAMES.map((name) => running[name]);
  const ended: string[] = [];
  for (const service of services) {
    service.exitCode.then((code) => ended.push(`${service.name} ended with ${code}`));
  }
  const limitAll = (count: number) =>
    Promise.all(services.map((service) => limitDescriptors(service, count)));
  const emailsFlow = async () => {
    await Promise.all(services.map(listensAnew));
    await Promise.all(services.map((service) => service.ready()));
    const { traceId } = await acceptEmail(server);
    await traceUntil(server.client, traceId, isIn("archived"));
    deepEqual(ended, []);
  };

  await takeSteps(context, undefined, {
    async "1,100 half-sent heads, then bodies, at ulimit -n 1024 end no service, and emails flow again once the callers are gone"() {
      await limitAll(DESCRIPTOR_LIMIT);
      for (const request of [HALF_HEAD, HALF_BODY]) {
        {
          await using callers = new AsyncDisposableStack();
          const before = services.map(refusalCount);
          for (const { url } of services) {
            callers.use(await HalfSentRequests.open(url, request, CALLER_COUNT));
          }
          for (const [index, service] of services.entries()) {
            await waitFor(
              `the ${service.name} cannot accept a connection`,
              () => refusalCount(service) > (before[index] ?? 0),
            );
          }
        }
        await emailsFlow();
      }
    },

    async "a service that can open nothing at all goes on, and works again when it can"() {
      // Each service warns once until it has answered a request again.
      await Promise.all(services.map((service) => service.ready()));
      const before = services.map(({ lines }) => lines.length);
      await limitAll(NOTHING_MORE);
      for (const way of ways) way.cut();
      for (const [index, service] of services.entries()) {
        await waitFor(`the ${service.name} can open nothing`, async () => {
          using _caller = await HalfSentRequests.open(service.url, HALF_HEAD, 1);
          const since = service.lines.slice(before[index]).join("\n");
          return since.includes(CANNOT_REACH[service.name]) && since.includes(CANNOT_ACCEPT);
        });
      }
      deepEqual(ended, []);
      await limitAll(DESCRIPTOR_LIMIT);
      await emailsFlow();
    },
  });
}, options);
