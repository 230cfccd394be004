/**
 * The message server while its broker has a bad day: the caller gets a 503 with `Retry-After` in bounded time, the trace shows
 * why, and the server recovers automatically. Against the embedded stand-in and, where `TEST_AMQP_URL` names one, against
 * RabbitMQ.
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { DEAD_LETTER_QUEUE, EXCHANGE, QUEUE, ROUTING_KEY } from "@playground/shared/amqp";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { ANY_PORTS, startStandIns } from "@playground/tasks/standins";
import { type Channel, connect } from "amqplib";
import { brokerTest } from "../fixture/brokers.ts";
import { acceptEmail, EMAIL, postEmail } from "../fixture/emails.ts";
import { proxyBefore, type TcpProxy } from "../fixture/proxies.ts";
import { answersOk, ServiceProcess } from "../fixture/service_process.ts";
import { onlyFailed, TraceReader } from "../fixture/traces.ts";

/** The confirm's time limit is five seconds; what else a request needs is far below the rest. */
const ANSWER_LIMIT_MS = 7_000;

interface Outage {
  readonly server: ServiceProcess;
  readonly proxy: TcpProxy;
  /** A way to the broker that stays. */
  readonly channel: Channel;
  readonly traces: TraceReader;
}

function outage(name: string, run: (outage: Outage) => Promise<void>): void {
  brokerTest(`the message server, ${name}`, async (broker) => {
    await using resources = new AsyncDisposableStack();
    const standIns = resources.use(await startStandIns(["zipkin"], ANY_PORTS));
    const { ZIPKIN_URL = "" } = standIns.variables;
    const model = resources.adopt(await connect(broker.url), (open) => open.close());
    const channel = await model.createChannel();
    resources.defer(async () => {
      for (const queue of [QUEUE, DEAD_LETTER_QUEUE]) await channel.purgeQueue(queue);
    });
    const { proxy, url } = proxyBefore(broker.url);
    resources.use(proxy);
    const server = resources.use(
      new ServiceProcess("message-server", { environment: { AMQP_URL: url, ZIPKIN_URL } }),
    );
    await server.ready();
    await run({ server, proxy, channel, traces: new TraceReader(ZIPKIN_URL) });
    await recovers(server);
  });
}

interface Answer {
  readonly status: number;
  readonly retryAfter: number;
  readonly detail: string;
  readonly traceId: string;
  readonly durationMs: number;
}

async function post({ url }: ServiceProcess, body = EMAIL.body): Promise<Answer> {
  const startMs = performance.now();
  const response = await postEmail(url, { ...EMAIL, body });
  const answer: { readonly detail?: string; readonly traceId: string } = await response.json();
  return {
    status: response.status,
    retryAfter: Number(response.headers.get("retry-after") ?? Number.NaN),
    detail: answer.detail ?? "",
    traceId: answer.traceId,
    durationMs: performance.now() - startMs,
  };
}

/** Every refusal must be timely, complete, and visible in its email's trace. */
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
  await traces.traceUntil(answer.traceId, onlyFailed("schedule-email", "amqp-publish"));
}

async function recovers(server: ServiceProcess): Promise<void> {
  await waitFor("the server takes emails again", async () => (await post(server)).status === 202);
}

for (
  const { name, act, reason, limitMs } of [
    {
      name: "when the broker closes the channel since its exchange is gone",
      act: (channel: Channel) => channel.deleteExchange(EXCHANGE),
      reason: /the connection broke before the confirm/,
      limitMs: ANSWER_LIMIT_MS,
    },
    {
      name: "when the broker returns the message since its binding is gone",
      act: (channel: Channel) => channel.unbindQueue(QUEUE, EXCHANGE, ROUTING_KEY),
      reason: /no queue/,
      limitMs: 1_000,
    },
    {
      name: "when the queue was deleted",
      act: (channel: Channel) => channel.deleteQueue(QUEUE),
      reason: /no queue/,
      limitMs: 1_000,
    },
  ]
) {
  outage(name, async (test) => {
    await act(test.channel);
    await assertRefused(await post(test.server), reason, test, limitMs);
  });
}

outage(
  "when confirms never come, and more requests do than it has room for",
  async (test) => {
    test.proxy.freeze();
    const text = "x".repeat(100_000);
    const waiting = post(test.server);
    const answers = await Promise.all(Array.from({ length: 500 }, () => post(test.server, text)));
    // Tight bounds are for those that are asked one at a time.
    await assertRefused(await waiting, /did not confirm/, test, 3 * ANSWER_LIMIT_MS);
    deepEqual([...new Set(answers.map(({ status }) => status))], [503]);
    ok(answers.every(({ retryAfter }) => retryAfter > 0));
    const immediate = answers.filter(({ detail }) => /others are being read/.test(detail)).length;
    ok(immediate >= 200, `only ${immediate} were refused at the door`);
    test.proxy.thaw();
  },
);

integrationTest(
  "the message server starts without a broker and takes emails once there is one",
  async () => {
    await using standIns = await startStandIns(["amqp"], ANY_PORTS);
    const { proxy, url } = proxyBefore(standIns.variables.AMQP_URL ?? "");
    await using _proxy = proxy;
    proxy.refuse();
    await using server = new ServiceProcess("message-server", { environment: { AMQP_URL: url } });
    await waitFor("it answers", () => answersOk(`${server.url}/healthz`));
    equal((await post(server)).status, 503);
    proxy.accept();
    await server.ready();
    await acceptEmail(server);
  },
);
