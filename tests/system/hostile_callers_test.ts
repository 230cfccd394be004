/**
 * The message server under hostile callers, or a hostile broker: its memory stays bounded, and its health port answers.
 *
 * @module
 */
import { deepEqual, ok } from "node:assert/strict";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { ANY_PORTS, startStandIns } from "@playground/tasks/standins";
import { memoryLimitBytes } from "../fixture/compose_file.ts";
import { acceptEmail, EMAIL, postEmail } from "../fixture/emails.ts";
import { type ServiceProcess, startService } from "../fixture/service_process.ts";
import { startStandInsProcess } from "../fixture/stand_ins_process.ts";
import { takeSteps } from "../fixture/steps.ts";
import { strainOf } from "../fixture/strain.ts";

const MEBIBYTE = 2 ** 20;
/** How much more than an idle one a message server may take. */
const GROWTH_LIMIT_BYTES = 250 * MEBIBYTE;
const HEALTH_LIMIT_MS = 500;

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
}

function postAtOnce(
  { url }: ServiceProcess,
  count: number,
  body: string,
): Promise<readonly Answer[]> {
  return Promise.all(Array.from({ length: count }, async () => {
    const response = await postEmail(url, body);
    await response.body?.cancel();
    return { status: response.status, retryAfter: response.headers.get("retry-after") };
  }));
}

function assertPolite(answers: readonly Answer[]): void {
  ok(answers.every(({ status, retryAfter }) => status !== 503 || Number(retryAfter) > 0));
}

/** JSON writes one character in six: a valid email of the largest size. */
const LARGEST = JSON.stringify({ ...EMAIL, body: "?" })
  .replace('"?"', `"${"\\u0041".repeat(1_000_000)}"`);

async function manyLargeBodies(server: ServiceProcess, body: string): Promise<void> {
  const answers = await postAtOnce(server, 64, body);
  assertPolite(answers);
  ok(answers.some(({ status }) => status === 503), "some are refused");
  ok(answers.some(({ status }) => status !== 503), "some are taken");
  ok(answers.every(({ status }) => status === 503 || status < 500));
  await acceptEmail(server);
}

async function stoppedBroker(server: ServiceProcess, brokerPid: number): Promise<void> {
  const body = JSON.stringify({ ...EMAIL, body: "x".repeat(1_000_000) });
  Deno.kill(brokerPid, "SIGSTOP");
  try {
    // Unconfirmed messages stay in memory after the first callers were answered.
    for (let round = 0; round < 2; round++) {
      const answers = await postAtOnce(server, 150, body);
      deepEqual([...new Set(answers.map(({ status }) => status))], [503]);
      assertPolite(answers);
    }
  } finally {
    Deno.kill(brokerPid, "SIGCONT");
  }
  await waitFor("emails flow again", async () => {
    const [answer] = await postAtOnce(server, 1, body);
    return answer?.status === 202;
  }, 30_000);
}

integrationTest("the message server takes no more than it has (alone)", async (context) => {
  await using resources = new AsyncDisposableStack();
  const { variables, pid } = await startStandInsProcess(["amqp"], resources);
  await using server = await startService("message-server", variables);
  const strainDuring = await strainOf(server);
  const limitBytes = await memoryLimitBytes("message-server");
  const bounded = (act: () => Promise<void>) => async () => {
    const { grownBytes, peakBytes, healthMs } = await strainDuring(act);
    ok(grownBytes < GROWTH_LIMIT_BYTES, `its memory grew by ${grownBytes / MEBIBYTE} MiB`);
    ok(peakBytes < limitBytes, `${peakBytes / MEBIBYTE} MiB are too many`);
    ok(healthMs < HEALTH_LIMIT_MS, `/healthz took ${healthMs} ms`);
  };
  await takeSteps(context, server, {
    "for 64 callers with 6 MB of emails": bounded(() => manyLargeBodies(server, LARGEST)),
    "for 64 callers with 6 MB of blanks": bounded(() =>
      manyLargeBodies(server, " ".repeat(6_000_000))
    ),
    "while the broker is stopped": bounded(() => stoppedBroker(server, pid)),
  });
});

integrationTest("500 callers that never end their bodies stop no email", async () => {
  await using resources = new AsyncDisposableStack();
  const { variables } = resources.use(await startStandIns(["amqp"], ANY_PORTS));
  await using server = await startService("message-server", variables);
  const { hostname, port } = new URL(server.url);
  const head = "POST /email HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
  const halves = [
    "Transfer-Encoding: chunked\r\n\r\n",
    "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
    "Content-Length: 1000\r\n\r\n{",
  ];
  const connections = await Promise.all(Array.from({ length: 500 }, async (_, index) => {
    const connection = await Deno.connect({ hostname, port: Number(port) });
    resources.defer(() => connection.close());
    await connection.write(new TextEncoder().encode(head + halves[index % halves.length]));
    return connection;
  }));
  await acceptEmail(server);
  const answers = await Promise.all(connections.map(async (connection) => {
    const buffer = new Uint8Array(1_024);
    const size = await connection.read(buffer) ?? 0;
    return new TextDecoder().decode(buffer.subarray(0, size)).split("\r\n", 1)[0];
  }));
  deepEqual([...new Set(answers)], ["HTTP/1.1 408 Request Timeout"]);
  await acceptEmail(server);
});
