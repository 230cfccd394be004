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
import { HalfSentRequests } from "../fixture/half_sent_requests.ts";
import { startService } from "../fixture/service_process.ts";
import { startStandInsProcess } from "../fixture/stand_ins_process.ts";
import { strainOf } from "../fixture/strain.ts";
import { get, getJson } from "../fixture/zipkin.ts";

const TRACE_ID = "463ac35c9f6413ad48485a3978bb5ecc";
const EMAIL_COUNT = 1_500;
const MEBIBYTE = 2 ** 20;

/** The end of the answer, with the trace's size: a hundred full readers would measure themselves. */
const omission = z.object({ omittedSpanCount: z.number().optional() });

integrationTest(
  `a trace of ${EMAIL_COUNT} emails holds nobody up, is told in part, and costs little for 100 readers, whether they read or not (alone)`,
  async () => {
    await using resources = new AsyncDisposableStack();
    const { variables } = await startStandInsProcess(["amqp", "zipkin"], resources);
    const add = (emailCount: number) =>
      fillCollector(variables.ZIPKIN_URL ?? "", emailCount, Date.now(), TRACE_ID);
    await add(EMAIL_COUNT);
    await using server = await startService("message-server", variables);
    const strainDuring = await strainOf(server);

    let text = "";
    const { healthMs } = await strainDuring(async () => {
      for (let round = 0; round < 3; round++) {
        const answer = await getJson(`${server.url}/api/traces/${TRACE_ID}`);
        const { spans, omittedSpanCount = 0, state } = emailTrace.parse(answer);
        equal(spans.length, 1_000);
        // Six of its own for each email, and those of the polls.
        ok(spans.length + omittedSpanCount > 6 * EMAIL_COUNT, `${omittedSpanCount} are left out`);
        equal(state?.name, "archived");
        ({ text } = await get(`${server.url}/api/emails`));
      }
    });
    ok(text.includes(TRACE_ID));
    ok(healthMs < 200, `/healthz took ${healthMs} ms`);

    const path = `/api/events?trace=${TRACE_ID}`;
    const request = `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    const { grownBytes } = await strainDuring(async () => {
      resources.use(await HalfSentRequests.open(server.url, request, 50));
      const open = async () => resources.use(await EventReader.open(new URL(path, server.url)));
      const readers = await Promise.all(Array.from({ length: 50 }, open));
      let omittedCount = 0;
      const omittedOf = (data: unknown) => omission.parse(data).omittedSpanCount ?? 0;
      for (let round = 0; round < 3; round++) {
        for (const reader of readers) {
          await reader.until("trace", (data) => omittedOf(data) !== omittedCount);
        }
        omittedCount = omittedOf(readers[0]?.latest("trace"));
        await add(1);
      }
    });
    ok(grownBytes < 250 * MEBIBYTE, `its memory grew by ${grownBytes / MEBIBYTE} MiB`);
  },
);
