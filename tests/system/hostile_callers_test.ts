/**
 * The message server while callers, or its broker, do their worst: its memory stays bounded, and whoever asks it for its health
 * is answered.
 *
 * @module
 */
import { deepEqual, ok } from "node:assert/strict";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { memoryLimitBytes } from "../fixture/compose_file.ts";
import { acceptEmail, EMAIL, postEmail } from "../fixture/emails.ts";
import { ServiceProcess } from "../fixture/service_process.ts";
import { startStandInsProcess } from "../fixture/stand_ins_process.ts";
import { type Strain, strainDuring } from "../fixture/strain.ts";

const MEBIBYTE = 2 ** 20;
/** How much more than an idle one a message server may take. */
const GROWTH_LIMIT_BYTES = 250 * MEBIBYTE;
const HEALTH_LIMIT_MS = 500;

interface Bench {
  readonly server: ServiceProcess;
  /** Stops the broker in the middle of whatever it does, until it is told to go on. */
  readonly signalBroker: (signal: "SIGSTOP" | "SIGCONT") => void;
}

/** Runs a message server and a broker, each in a process of its own. */
async function withServer(run: (bench: Bench) => Promise<void>): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const { variables, pid } = await startStandInsProcess(["amqp"], resources);
  await using server = new ServiceProcess("message-server", { environment: variables });
  await server.ready();
  await run({ server, signalBroker: (signal) => Deno.kill(pid, signal) });
}

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

/** Holds what a server suffered against what it may, and against what its container has. */
async function assertBounded({ grownBytes, peakBytes, healthMs }: Strain): Promise<void> {
  ok(grownBytes < GROWTH_LIMIT_BYTES, `its memory grew by ${grownBytes / MEBIBYTE} MiB`);
  ok(healthMs < HEALTH_LIMIT_MS, `/healthz took ${healthMs} ms`);
  const limitBytes = await memoryLimitBytes("message-server");
  ok(peakBytes < limitBytes, `${peakBytes / MEBIBYTE} MiB are too many`);
}

function assertPolite(answers: readonly Answer[]): void {
  ok(answers.every(({ status, retryAfter }) => status !== 503 || Number(retryAfter) > 0));
}

/** JSON writes one character in six: a valid email of the largest size. */
const LARGEST = JSON.stringify({ ...EMAIL, body: "?" })
  .replace('"?"', `"${"\\u0041".repeat(1_000_000)}"`);
const LARGE_BODIES: Readonly<Record<string, string>> = {
  "emails": LARGEST,
  "blanks": " ".repeat(6_000_000),
};
for (const [name, body] of Object.entries(LARGE_BODIES)) {
  integrationTest(
    `64 callers with 6 MB of ${name} take the message server no more than it has (alone)`,
    async () => {
      await withServer(async ({ server }) => {
        let answers: readonly Answer[] = [];
        const strain = await strainDuring(server, async () => {
          answers = await postAtOnce(server, 64, body);
        });
        await assertBounded(strain);
        assertPolite(answers);
        ok(answers.some(({ status }) => status === 503), "some are refused");
        ok(answers.some(({ status }) => status !== 503), "some are taken");
        ok(answers.every(({ status }) => status === 503 || status < 500));
        await acceptEmail(server);
      });
    },
  );
}

integrationTest(
  "a stopped broker takes the message server no more than it has (alone)",
  async () => {
    await withServer(async ({ server, signalBroker }) => {
      const body = JSON.stringify({ ...EMAIL, body: "x".repeat(1_000_000) });
      signalBroker("SIGSTOP");
      try {
        const strain = await strainDuring(server, async () => {
          // What the broker has not answered stays in memory after the first callers were told so.
          for (let round = 0; round < 2; round++) {
            const answers = await postAtOnce(server, 150, body);
            deepEqual([...new Set(answers.map(({ status }) => status))], [503]);
            assertPolite(answers);
          }
        });
        await assertBounded(strain);
      } finally {
        signalBroker("SIGCONT");
      }
      await waitFor("emails flow again", async () => {
        const [answer] = await postAtOnce(server, 1, body);
        return answer?.status === 202;
      }, 30_000);
    });
  },
);

integrationTest("500 callers that never end their bodies stop no email", async () => {
  await withServer(async ({ server }) => {
    await using callers = new AsyncDisposableStack();
    const { hostname, port } = new URL(server.url);
    const head = "POST /email HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    const halves = [
      "Transfer-Encoding: chunked\r\n\r\n",
      "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
      "Content-Length: 1000\r\n\r\n{",
    ];
    const connections = await Promise.all(Array.from({ length: 500 }, async (_, index) => {
      const connection = await Deno.connect({ hostname, port: Number(port) });
      callers.defer(() => connection.close());
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
});
