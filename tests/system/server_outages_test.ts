/**
 * The message server while its broker has a bad day: the caller gets a 503 with `Retry-After` in bounded time, the trace shows
 * why, and the server recovers by itself. Against the embedded stand-in and, where `TEST_AMQP_URL` names one, against RabbitMQ.
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { DEAD_LETTER_QUEUE, EXCHANGE, QUEUE, ROUTING_KEY } from "@playground/shared/amqp";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { contractTargets } from "../fixture/contract_targets.ts";
import { TcpProxy } from "../fixture/tcp_proxy.ts";
import { ANY_PORTS, startStandIns } from "@playground/tasks/standins";
import { type Channel, connect } from "amqplib";
import { startAmqpBroker } from "../../tasks/standins/amqp/mod.ts";
import { acceptEmail, ServiceProcess } from "../fixture/service_process.ts";
import { residentBytes } from "../fixture/strain.ts";
import { TraceReader } from "../fixture/traces.ts";

/** The confirm's time limit is five seconds; what else a request needs is far below the rest. */
const ANSWER_LIMIT_MS = 7_000;

interface Outage {
  readonly server: ServiceProcess;
  /** The way to the broker. */
  readonly proxy: TcpProxy;
  /** A way to the broker that stays. */
  readonly channel: Channel;
  readonly traces: TraceReader;
}

const targets = contractTargets<AsyncDisposable & { readonly url: string }>(
  "TEST_AMQP_URL",
  () => startAmqpBroker({ port: 0 }),
  (url) => ({ url, [Symbol.asyncDispose]: () => Promise.resolve() }),
);

/** Registers a test for both brokers. */
function outage(name: string, run: (outage: Outage) => Promise<void>): void {
  for (const { name: target, ignoredBecause, start } of targets) {
    integrationTest(`the message server, ${name} (${target})`, async () => {
      await using broker = await start();
      await using standIns = await startStandIns(["zipkin"], ANY_PORTS);
      const { ZIPKIN_URL = "" } = standIns.variables;
      const url = new URL(broker.url);
      await using model = await connectObserver(broker.url);
      await using proxy = new TcpProxy({ hostname: url.hostname, port: Number(url.port) });
      url.hostname = "127.0.0.1";
      url.port = String(proxy.port);
      await using server = new ServiceProcess("message-server", {
        environment: { AMQP_URL: url.href, ZIPKIN_URL },
      });
      await server.ready();
      await run({ server, proxy, channel: model.channel, traces: new TraceReader(ZIPKIN_URL) });
      await recovers(server);
    }, ignoredBecause === undefined ? {} : { ignoredBecause });
  }
}

/** Leaves the queues as they were found: empty. */
async function connectObserver(url: string) {
  const model = await connect(url);
  const channel = await model.createChannel();
  return {
    channel,
    async [Symbol.asyncDispose]() {
      for (const queue of [QUEUE, DEAD_LETTER_QUEUE]) await channel.purgeQueue(queue);
      await channel.close();
      await model.close();
    },
  };
}

interface Answer {
  readonly status: number;
  readonly retryAfter: number;
  readonly detail: string;
  readonly traceId: string;
  readonly durationMs: number;
}

async function post(server: ServiceProcess, text = "Whatever you want"): Promise<Answer> {
  const startMs = performance.now();
  const response = await fetch(`${server.url}/email`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      sender: { address: "me@example.com" },
      recipient: { address: "you@example.com" },
      subject: "Something catchy",
      body: text,
    }),
  });
  const body: { readonly detail?: string; readonly traceId: string } = await response.json();
  return {
    status: response.status,
    retryAfter: Number(response.headers.get("retry-after") ?? Number.NaN),
    detail: body.detail ?? "",
    traceId: body.traceId,
    durationMs: performance.now() - startMs,
  };
}

/** What every refusal has to be: timely, polite, and visible in the trace of the email it hit. */
async function assertRefused(
  answer: Answer,
  reason: RegExp,
  { traces }: Outage,
  limitMs: number = ANSWER_LIMIT_MS,
): Promise<void> {
  equal(answer.status, 503);
  ok(answer.retryAfter > 0, `Retry-After is ${answer.retryAfter}`);
  match(answer.detail, reason);
  ok(answer.durationMs < limitMs, `it took ${answer.durationMs} ms`);
  const spans = await traces.traceUntil(
    answer.traceId,
    (all) => all.some(({ name }) => name === "schedule-email"),
  );
  for (const name of ["schedule-email", "amqp-publish"]) {
    const span = spans.find((candidate) => candidate.name === name);
    ok(span?.tags?.error !== undefined, `${name} shows no error`);
  }
}

async function recovers(server: ServiceProcess): Promise<void> {
  await waitFor("the server takes emails again", async () => (await post(server)).status === 202);
}

outage("when a confirm never comes", async (test) => {
  test.proxy.freeze();
  const answer = await post(test.server);
  await assertRefused(answer, /did not confirm/, test);
  test.proxy.thaw();
});

outage("when the connection breaks with confirms outstanding", async (test) => {
  const { messageCount: before } = await test.channel.checkQueue(QUEUE);
  test.proxy.delay(3_000);
  const answers = Array.from({ length: 10 }, () => post(test.server));
  await waitFor(
    "the broker has all messages",
    async () => (await test.channel.checkQueue(QUEUE)).messageCount === before + 10,
  );
  test.proxy.cut();
  for (const answer of await Promise.all(answers)) {
    await assertRefused(answer, /the connection broke before the confirm/, test);
  }
  test.proxy.delay(0);
});

outage("when the broker closes the channel since its exchange is gone", async (test) => {
  await test.channel.deleteExchange(EXCHANGE);
  await assertRefused(await post(test.server), /the connection broke before the confirm/, test);
  await recovers(test.server);
  await test.channel.checkExchange(EXCHANGE);
});

outage("when the broker returns the message since its binding is gone", async (test) => {
  await test.channel.unbindQueue(QUEUE, EXCHANGE, ROUTING_KEY);
  await assertRefused(await post(test.server), /no queue/, test, 1_000);
});

outage("when the queue was deleted", async (test) => {
  await test.channel.deleteQueue(QUEUE);
  await assertRefused(await post(test.server), /no queue/, test, 1_000);
});

outage("when a full queue makes the broker refuse the message", async (test) => {
  const queue = crypto.randomUUID();
  await test.channel.assertQueue(queue, {
    arguments: { "x-queue-type": "quorum", "x-max-length": 1, "x-overflow": "reject-publish" },
  });
  await test.channel.bindQueue(queue, EXCHANGE, ROUTING_KEY);
  // A quorum queue takes one more than its limit.
  for (let count = 0; count < 2; count++) equal((await post(test.server)).status, 202);
  await assertRefused(await post(test.server), /rejected/, test, 1_000);
  await test.channel.deleteQueue(queue);
});

outage("when the broker is away and comes back", async (test) => {
  test.proxy.refuse();
  await waitFor("it is noticed", async () => {
    const response = await fetch(`${test.server.url}/readyz`);
    await response.body?.cancel();
    return response.status === 503;
  });
  await assertRefused(await post(test.server), /there is no connection/, test, 1_000);
  test.proxy.accept();
});

outage("under more requests than it has room for", async (test) => {
  const before = await residentBytes(test.server.pid);
  test.proxy.freeze();
  const text = "x".repeat(100_000);
  const answers = await Promise.all(Array.from({ length: 500 }, () => post(test.server, text)));
  deepEqual([...new Set(answers.map(({ status }) => status))], [503]);
  ok(answers.every(({ retryAfter }) => retryAfter > 0));
  const immediate = answers.filter(({ detail }) => /others are being taken/.test(detail)).length;
  ok(immediate >= 200, `only ${immediate} were refused at the door`);
  const grownBytes = await residentBytes(test.server.pid) - before;
  ok(grownBytes < 250 * 2 ** 20, `its memory grew by ${grownBytes} bytes`);
  test.proxy.thaw();
});

integrationTest(
  "the message server starts without a broker and takes emails once there is one",
  async () => {
    await using broker = await startAmqpBroker({ port: 0 });
    await using proxy = new TcpProxy({
      hostname: "127.0.0.1",
      port: Number(new URL(broker.url).port),
    });
    proxy.refuse();
    await using server = new ServiceProcess("message-server", {
      environment: { AMQP_URL: `amqp://guest:guest@127.0.0.1:${proxy.port}` },
    });
    await waitFor("it answers", () =>
      fetch(`${server.url}/healthz`).then(async (response) => {
        await response.body?.cancel();
        return response.ok;
      }, () => false));
    equal((await post(server)).status, 503);
    proxy.accept();
    await server.ready();
    await acceptEmail(server);
  },
);
