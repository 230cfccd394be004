/**
 * The message server with a faulty broker: the caller gets a 503 with `Retry-After` in bounded time, the trace shows why, and the
 * server recovers automatically. Against the embedded stand-in and, where `TEST_AMQP_URL` names one, against RabbitMQ.
 */
import { equal, match, ok } from "node:assert/strict";
import { EXCHANGE, QUEUE, ROUTING_KEY } from "@playground/shared/amqp";
import { waitFor } from "@playground/shared/testing";
import { ANY_PORTS, startStandIns } from "@playground/tasks/standins";
import type { Channel } from "amqplib";
import { brokerTest } from "../fixture/brokers.ts";
import { postEmail } from "../fixture/emails.ts";
import { answersOk, ServiceProcess } from "../fixture/service_process.ts";
import { type Steps, takeSteps } from "../fixture/steps.ts";
import { TcpProxy } from "../fixture/tcp_proxy.ts";
import { onlyFailed, TraceReader } from "../fixture/traces.ts";

const CONFIRM_TIMEOUT_MS = 5_000;
/** Everything else of a request takes far less than the rest. */
const ANSWER_LIMIT_MS = 7_000;

interface Outage {
  readonly server: ServiceProcess;
  readonly proxy: TcpProxy;
  /** A proxy before the broker that stays the same. */
  readonly channel: Channel;
  readonly traces: TraceReader;
}

async function post({ url }: ServiceProcess) {
  const startMs = performance.now();
  const response = await postEmail(url);
  const answer: { readonly detail?: string; readonly traceId: string } = await response.json();
  return {
    status: response.status,
    retryAfter: Number(response.headers.get("retry-after") ?? Number.NaN),
    detail: answer.detail ?? "",
    traceId: answer.traceId,
    durationMs: performance.now() - startMs,
  };
}

/** The broker has lost what the server needs: one email is refused, and the server declares it again. */
function loses(
  lose: (channel: Channel) => Promise<unknown>,
  reason: RegExp,
  limitMs: number,
): Steps<Outage>[string] {
  return async ({ server, channel, traces }) => {
    await lose(channel);
    const answer = await post(server);
    equal(answer.status, 503);
    ok(answer.retryAfter > 0, `Retry-After is ${answer.retryAfter}`);
    match(answer.detail, reason);
    ok(answer.durationMs < limitMs, `it took ${answer.durationMs} ms`);
    await traces.traceUntil(answer.traceId, onlyFailed("schedule-email", "amqp-publish"));
    await waitFor("emails are taken again", async () => (await post(server)).status === 202);
  };
}

const OUTAGES: Steps<Outage> = {
  async "is away when the server starts"({ server, proxy, traces }) {
    await waitFor("it answers", () => answersOk(`${server.url}/healthz`));
    const { status, traceId } = await post(server);
    equal(status, 503);
    proxy.accept();
    await server.ready();
    equal((await post(server)).status, 202);
    await traces.traceUntil(traceId, onlyFailed("schedule-email", "amqp-publish"));
  },
  async "does not answer any more, which its readiness says"({ server, proxy, traces }) {
    proxy.freeze();
    const answer = await post(server);
    equal(answer.status, 503);
    match(answer.detail, /did not confirm the message/);
    equal(await answersOk(`${server.url}/readyz`), false);
    proxy.thaw();
    await server.ready();
    equal((await post(server)).status, 202);
    await traces.traceUntil(answer.traceId, onlyFailed("schedule-email", "amqp-publish"));
  },
  "closes the channel since its exchange is gone": loses(
    (channel) => channel.deleteExchange(EXCHANGE),
    /the connection broke before the confirm/,
    ANSWER_LIMIT_MS,
  ),
  "returns the message since its binding is gone": loses(
    (channel) => channel.unbindQueue(QUEUE, EXCHANGE, ROUTING_KEY),
    /no queue/,
    CONFIRM_TIMEOUT_MS,
  ),
  "returns the message since its queue was deleted": loses(
    (channel) => channel.deleteQueue(QUEUE),
    /no queue/,
    CONFIRM_TIMEOUT_MS,
  ),
};

brokerTest("the message server, when the broker", async ({ url, channel }, context) => {
  await using resources = new AsyncDisposableStack();
  const standIns = resources.use(await startStandIns(["zipkin"], ANY_PORTS));
  const { ZIPKIN_URL = "" } = standIns.variables;
  const proxy = resources.use(new TcpProxy(url));
  proxy.refuse();
  const environment = { AMQP_URL: proxy.url, ZIPKIN_URL };
  const server = resources.use(new ServiceProcess("message-server", { environment }));
  const traces = new TraceReader(ZIPKIN_URL);
  await takeSteps(context, { server, proxy, channel, traces, lines: server.lines }, OUTAGES);
});
