/**
 * The message server with a trace of 1,500 emails, for one reader and for many.
 *
 * @module
 */
import { equal, ok } from "node:assert/strict";
import { emailTrace } from "@playground/server/trace-view";
import { integrationTest } from "@playground/shared/testing";
import { z } from "zod";
import { fillCollector } from "../fixture/collector_load.ts";
import { EventReader } from "../fixture/event_reader.ts";
import { ServiceProcess } from "../fixture/service_process.ts";
import { startStandInsProcess } from "../fixture/stand_ins_process.ts";
import { strainDuring } from "../fixture/strain.ts";

const TRACE_ID = "463ac35c9f6413ad48485a3978bb5ecc";
const EMAIL_COUNT = 1_500;
const MEBIBYTE = 2 ** 20;

/** The end of the answer, with the trace's size: a hundred full readers would measure themselves. */
const omission = z.object({ omittedSpanCount: z.number().optional() });

interface Bench {
  readonly server: ServiceProcess;
  readonly lengthen: () => Promise<void>;
}

/** Runs a message server whose collector, in a process of its own, has the trace. */
async function withLongTrace(run: (bench: Bench) => Promise<void>): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const { variables } = await startStandInsProcess(["amqp", "zipkin"], resources);
  const { AMQP_URL, ZIPKIN_URL = "" } = variables;
  const add = (emailCount: number) =>
    fillCollector(ZIPKIN_URL, emailCount, Date.now(), TRACE_ID).then(() => {});
  await add(EMAIL_COUNT);
  await using server = new ServiceProcess("message-server", {
    environment: { AMQP_URL, ZIPKIN_URL },
  });
  await server.ready();
  await run({ server, lengthen: () => add(1) });
}

async function readTrace({ url }: ServiceProcess) {
  const response = await fetch(`${url}/api/traces/${TRACE_ID}`);
  equal(response.status, 200);
  return emailTrace.parse(await response.json());
}

integrationTest(
  `a trace of ${EMAIL_COUNT} emails holds nobody up, and is told in part (alone)`,
  async () => {
    await withLongTrace(async ({ server }) => {
      let text = "";
      const { healthMs } = await strainDuring(server, async () => {
        for (let round = 0; round < 3; round++) {
          const { spans, omittedSpanCount = 0, state } = await readTrace(server);
          equal(spans.length, 1_000);
          // Six of its own for each email, and those of the polls.
          ok(spans.length + omittedSpanCount > 6 * EMAIL_COUNT, `${omittedSpanCount} are left out`);
          equal(state?.name, "archived");
          text = await (await fetch(`${server.url}/api/emails`)).text();
        }
      });
      ok(text.includes(TRACE_ID));
      ok(healthMs < 200, `/healthz took ${healthMs} ms`);
    });
  },
);

integrationTest(
  "100 readers of a long trace cost little, whether they read or not (alone)",
  async () => {
    await withLongTrace(async ({ server, lengthen }) => {
      await using resources = new AsyncDisposableStack();
      const path = `/api/events?trace=${TRACE_ID}`;
      const { hostname, port } = new URL(server.url);
      const strain = await strainDuring(server, async () => {
        for (let count = 0; count < 50; count++) {
          const silent = await Deno.connect({ hostname, port: Number(port) });
          resources.defer(() => silent.close());
          await silent.write(
            new TextEncoder().encode(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`),
          );
        }
        const readers = await Promise.all(
          Array.from(
            { length: 50 },
            async () => resources.use(await EventReader.open(new URL(path, server.url))),
          ),
        );
        let omittedCount = 0;
        const omittedOf = (data: unknown) => omission.parse(data).omittedSpanCount ?? 0;
        for (let round = 0; round < 3; round++) {
          for (const reader of readers) {
            await reader.until("trace", (data) => omittedOf(data) !== omittedCount);
          }
          omittedCount = omittedOf(readers[0]?.latest("trace"));
          await lengthen();
        }
      });
      ok(strain.grownBytes < 250 * MEBIBYTE, `its memory grew by ${strain.grownBytes / MEBIBYTE}`);
    });
  },
);
