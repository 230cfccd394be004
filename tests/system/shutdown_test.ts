/**
 * SIGTERM in the middle of the work: each service finishes or gives back what it has in hand, tells the collector the rest and
 * exits with 0 in bounded time.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { Environment } from "@playground/shared/configuration";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { TcpProxy } from "../fixture/tcp_proxy.ts";
import { ANY_PORTS, type StandInName, startStandIns } from "@playground/tasks/standins";
import { connect } from "amqplib";
import { MongoClient } from "mongodb";
import { PASSWORD, startTestSmtpServer, USER } from "../../emailer/testing/smtp_server.ts";
import { startHttpProxy } from "../fixture/http_proxy.ts";
import { acceptEmail, ServiceProcess } from "../fixture/service_process.ts";
import type { ArchivedMail } from "../fixture/test_system.ts";
import { TraceReader } from "../fixture/traces.ts";

/** The bound that `docker stop` and Kubernetes are told of, with the time to flush within it. */
const STOP_LIMIT_MS = 15_000;

/** Asks a service to stop as an orchestrator does; tells its exit code and how long it took. */
async function terminate(service: ServiceProcess) {
  const startMs = performance.now();
  Deno.kill(service.pid, "SIGTERM");
  const code = await service.exitCode;
  return { code, durationMs: performance.now() - startMs };
}

/** What waits in a queue, asked of the broker itself. */
async function messageCount(amqpUrl: string, queue: string): Promise<number> {
  const connection = await connect(amqpUrl);
  const channel = await connection.createChannel();
  const { messageCount } = await channel.checkQueue(queue);
  await channel.close();
  await connection.close();
  return messageCount;
}

async function isReachable(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/healthz`);
    await response.body?.cancel();
    return true;
  } catch {
    return false;
  }
}

async function start(names: readonly StandInName[]) {
  const standIns = await startStandIns(names, ANY_PORTS);
  const { AMQP_URL = "", ZIPKIN_URL = "" } = standIns.variables;
  return {
    variables: standIns.variables,
    amqpUrl: AMQP_URL,
    zipkinUrl: ZIPKIN_URL,
    [Symbol.asyncDispose]: () => standIns[Symbol.asyncDispose](),
  };
}

integrationTest(
  "the message server at SIGTERM answers what is in flight, takes nothing new, flushes and exits with 0",
  async () => {
    await using backing = await start(["amqp", "zipkin"]);
    await using proxy = new TcpProxy({
      hostname: "127.0.0.1",
      port: Number(new URL(backing.amqpUrl).port),
    });
    const url = new URL(backing.amqpUrl);
    url.port = String(proxy.port);
    await using server = new ServiceProcess("message-server", {
      environment: { ...backing.variables, AMQP_URL: url.href },
    });
    await server.ready();
    // A slow broker: its confirms are still on their way when the server is asked to stop.
    proxy.delay(1_500);
    const answers = Array.from({ length: 20 }, () => acceptEmail(server));
    await waitFor(
      "all emails are at the broker",
      async () => await messageCount(backing.amqpUrl, "send-email") === 20,
    );
    const stopped = terminate(server);
    await waitFor("it takes no new request", async () => !await isReachable(server.url));
    const accepted = await Promise.all(answers);
    const { code, durationMs } = await stopped;

    equal(code, 0, server.lines.join("\n"));
    ok(durationMs < STOP_LIMIT_MS, `it took ${durationMs} ms`);
    const traces = new TraceReader(backing.zipkinUrl);
    for (const { traceId } of accepted) {
      await traces.traceUntil(
        traceId,
        (spans) =>
          ["schedule-email", "amqp-publish"].every((name) =>
            spans.some((span) => span.name === name)
          ),
      );
    }
  },
);

/** A system whose mail server does not answer a mail until it is told to. */
async function startSlowDelivery() {
  await using resources = new AsyncDisposableStack();
  const backing = resources.use(await start(["amqp", "zipkin"]));
  const answer = Promise.withResolvers<void>();
  let receivedCount = 0;
  const smtp = resources.use(
    await startTestSmtpServer({
      overrides: {
        onData(stream, _session, callback) {
          stream.resume();
          stream.on("end", () => {
            receivedCount++;
            answer.promise.then(() => callback(null));
          });
        },
      },
    }),
  );
  const environment: Environment = {
    ...backing.variables,
    SMTP_HOST: "127.0.0.1",
    SMTP_PORT: String(smtp.port),
    SMTP_CA: smtp.caPem,
    MAILTRAP_USER: USER,
    MAILTRAP_PASSWORD: PASSWORD,
  };
  const server = resources.use(new ServiceProcess("message-server", { environment }));
  const emailer = resources.use(new ServiceProcess("emailer", { environment }));
  await Promise.all([server.ready(), emailer.ready()]);
  const started = resources.move();
  return {
    server,
    emailer,
    environment,
    answer: () => answer.resolve(),
    receivedCount: () => receivedCount,
    waitingCount: () => messageCount(backing.amqpUrl, "send-email"),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

integrationTest(
  "the emailer at SIGTERM finishes the mail that it is sending, acknowledges it and exits with 0",
  async () => {
    await using test = await startSlowDelivery();
    await acceptEmail(test.server);
    await waitFor("the mail is sent", () => test.receivedCount() === 1);
    const stopped = terminate(test.emailer);
    test.answer();
    const { code, durationMs } = await stopped;

    equal(code, 0, test.emailer.lines.join("\n"));
    ok(durationMs < STOP_LIMIT_MS, `it took ${durationMs} ms`);
    equal(await test.waitingCount(), 0);
    equal(test.receivedCount(), 1);
  },
);

integrationTest(
  "the emailer at SIGTERM gives back what a silent mail server keeps it from finishing, and exits with 0",
  async () => {
    await using test = await startSlowDelivery();
    await acceptEmail(test.server);
    await waitFor("the mail is sent", () => test.receivedCount() === 1);
    const { code, durationMs } = await terminate(test.emailer);

    equal(code, 0, test.emailer.lines.join("\n"));
    ok(durationMs < STOP_LIMIT_MS, `it took ${durationMs} ms`);
    equal(await test.waitingCount(), 1);

    test.answer();
    await using next = new ServiceProcess("emailer", { environment: test.environment });
    await waitFor("the next emailer sends it", () => test.receivedCount() === 2);
    await waitFor(
      "it is acknowledged",
      () => next.lines.some((line) => line.includes("Delivered")),
    );
    equal(await test.waitingCount(), 0);
  },
);

integrationTest(
  "the poller at SIGTERM finishes the mails in hand and exits with 0; the next one archives the rest, each once",
  async () => {
    const emailCount = 50;
    await using backing = await start(["amqp", "zipkin", "mailtrap", "mongodb"]);
    const environment = { ...backing.variables, POLL_CONCURRENCY: "1" };
    await using mongo = new MongoClient(backing.variables.MONGODB_URL ?? "");
    const archive = mongo.db("messages").collection<ArchivedMail>("raw");
    await using server = new ServiceProcess("message-server", { environment });
    await using emailer = new ServiceProcess("emailer", { environment });
    await Promise.all([server.ready(), emailer.ready()]);
    const accepted = await Promise.all(
      Array.from({ length: emailCount }, () => acceptEmail(server)),
    );
    await waitFor(
      "all are delivered",
      () => emailer.lines.filter((line) => line.includes("Delivered")).length === emailCount,
    );

    await using mailtrap = startHttpProxy(backing.variables.MAILTRAP_URL ?? "");
    const stopping = Promise.withResolvers<void>();
    let fetchCount = 0;
    mailtrap.intercept(async ({ url }) => {
      if (url.endsWith("/body.eml") && ++fetchCount === 2) await stopping.promise;
      return undefined;
    });
    await using poller = new ServiceProcess("mail-poller", {
      environment: { ...environment, MAILTRAP_URL: mailtrap.url },
    });
    await waitFor("one mail is archived and the next one in hand", () => fetchCount === 2);
    const stopped = terminate(poller);
    await waitFor("it takes no new request", async () => !await isReachable(poller.url));
    stopping.resolve();
    const { code, durationMs } = await stopped;
    const firstCount = await archive.countDocuments();
    equal(code, 0, poller.lines.join("\n"));
    ok(durationMs < STOP_LIMIT_MS, `it took ${durationMs} ms`);
    ok(firstCount >= 2, `it archived only ${firstCount}`);
    ok(firstCount < emailCount, `it archived all ${firstCount} before it stopped`);

    await using _next = new ServiceProcess("mail-poller", { environment });
    await waitFor("all are archived", async () => await archive.countDocuments() === emailCount);
    const archived = await archive.find().toArray();
    deepEqual(
      archived.map(({ emailId }) => emailId).toSorted(),
      accepted.map(({ id }) => id).toSorted(),
    );
  },
);
