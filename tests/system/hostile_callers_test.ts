/**
 * The message server under hostile callers, or a hostile broker: its memory stays bounded, and its health port answers.
 *
 * @module
 */
import { deepEqual, ok } from "node:assert/strict";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { acceptEmail, EMAIL, postEmail } from "../fixture/emails.ts";
import { HALF_BODY, HalfSentRequests } from "../fixture/half_sent_requests.ts";
import { type ServiceProcess, startService } from "../fixture/service_process.ts";
import { startStandInsProcess } from "../../tasks/standins/testing.ts";
import { withinBounds } from "../fixture/strain.ts";

const HEALTH_LIMIT_MS = 500;

/** The statuses of many requests; each that is refused says when to try again. */
function postAtOnce(
  { url }: ServiceProcess,
  count: number,
  body: string,
): Promise<readonly number[]> {
  return Promise.all(Array.from({ length: count }, async () => {
    const response = await postEmail(url, body);
    await response.body?.cancel();
    ok(response.status !== 503 || Number(response.headers.get("retry-after")) > 0);
    return response.status;
  }));
}

/** JSON writes one character in six: a valid email of the largest size. */
const LARGEST = JSON.stringify({ ...EMAIL, body: "?" })
  .replace('"?"', `"${"\\u0041".repeat(1_000_000)}"`);

async function manyLargeBodies(server: ServiceProcess, body: string): Promise<void> {
  const statuses = await postAtOnce(server, 64, body);
  ok(statuses.some((status) => status === 503), "some are refused");
  ok(statuses.some((status) => status !== 503), "some are taken");
  ok(statuses.every((status) => status === 503 || status < 500));
  await acceptEmail(server);
}

/** Spans in 1 MB, which take much more as objects. */
const MANY_SPANS = JSON.stringify(
  Array.from({ length: 30_000 }, (_, id) => ({ traceId: "1", id: String(id) })),
);

async function manySpans({ url }: ServiceProcess): Promise<void> {
  const init = { method: "POST", body: MANY_SPANS };
  const statuses = await Promise.all(Array.from({ length: 16 }, async () => {
    const response = await fetch(`${url}/api/traces`, init);
    await response.body?.cancel();
    return response.status;
  }));
  ok(statuses.includes(200), "some are shown");
  deepEqual(statuses.filter((status) => status !== 200 && status !== 503), []);
}

async function stoppedBroker(server: ServiceProcess, brokerPid: number): Promise<void> {
  const body = JSON.stringify({ ...EMAIL, body: "x".repeat(1_000_000) });
  Deno.kill(brokerPid, "SIGSTOP");
  try {
    // Unconfirmed messages stay in memory after the first callers were answered.
    for (let round = 0; round < 2; round++) {
      deepEqual([...new Set(await postAtOnce(server, 150, body))], [503]);
    }
  } finally {
    Deno.kill(brokerPid, "SIGCONT");
  }
  await waitFor("emails flow again", async () => {
    const [status] = await postAtOnce(server, 1, body);
    return status === 202;
  });
}

integrationTest("the message server takes no more memory than it may (alone)", async (context) => {
  await using standIns = await startStandInsProcess(["amqp"]);
  await using server = await startService("message-server", standIns.variables);
  const stays = await withinBounds(server, HEALTH_LIMIT_MS);
  const cases: Readonly<Record<string, () => Promise<void>>> = {
    "for 64 callers with 6 MB of emails": () => manyLargeBodies(server, LARGEST),
    "for 64 callers with 6 MB of blanks": () => manyLargeBodies(server, " ".repeat(6_000_000)),
    async "for 500 callers that never end their bodies"() {
      using _callers = await HalfSentRequests.open(server.url, HALF_BODY, 500);
      await acceptEmail(server);
    },
    "while the broker is stopped": () => stoppedBroker(server, standIns.pid),
  };
  for (const [name, act] of Object.entries(cases)) {
    await context.step(name, () => stays(name, act));
  }
});

integrationTest(
  "the message server shows 16 callers their 1 MB of spans in turn (alone)",
  async () => {
    await using standIns = await startStandInsProcess(["amqp"]);
    await using server = await startService("message-server", standIns.variables);
    const stays = await withinBounds(server, HEALTH_LIMIT_MS);
    await stays("16 callers with 1 MB of spans", () => manySpans(server));
  },
);
