/**
 * How fast the message server tells of emails when the collector holds many.
 *
 * @module
 */
import { ok } from "node:assert/strict";
import { createEmailReader, emailTrace, ZipkinApi } from "@playground/server/trace-view";
import { integrationTest } from "@playground/shared/testing";
import { ANY_PORTS, startStandIns } from "@playground/tasks/standins";
import { fillCollector } from "../fixture/collector_load.ts";
import { EventReader } from "../fixture/event_reader.ts";
import { ServiceProcess } from "../fixture/service_process.ts";

const EMAIL_COUNT = 10_000;
/** What a person takes for at once; several times what it is on an idle machine. */
const LIMIT_MS = 300;
/** The machine is not ours alone: the best of some. */
const ROUNDS = 5;

async function bestMs(run: () => Promise<void>): Promise<number> {
  let bestMs = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const startedAt = performance.now();
    await run();
    bestMs = Math.min(bestMs, performance.now() - startedAt);
  }
  return bestMs;
}

integrationTest(
  `the message server lists the recent ones of ${EMAIL_COUNT} emails at once, finds any, and paints it (alone)`,
  async () => {
    await using standIns = await startStandIns(["amqp", "zipkin"], ANY_PORTS);
    const zipkinUrl = standIns.variables.ZIPKIN_URL ?? "";
    const traceIds = await fillCollector(zipkinUrl, EMAIL_COUNT, Date.now());
    const reader = createEmailReader(new ZipkinApi(new URL(zipkinUrl)), () => undefined);

    const listMs = await bestMs(async () => {
      const result = await reader.recent(20);
      ok(result.status === "found");
      ok(result.emails.every(({ traceId }, index) => traceId === traceIds[index]));
      ok(result.emails.length === 20);
    });
    ok(listMs < LIMIT_MS, `The list took ${listMs} ms`);

    const traceMs = await bestMs(async () => {
      const result = await reader.trace(traceIds[EMAIL_COUNT / 2] ?? "");
      ok(result.status === "found");
      ok(result.trace.rows.some(({ name }) => name === "store-message"));
    });
    ok(traceMs < LIMIT_MS, `The trace took ${traceMs} ms`);

    // All that a browser waits for until it can paint the email.
    await using server = new ServiceProcess("message-server", { environment: standIns.variables });
    await server.ready();
    const [traceId] = traceIds.slice(EMAIL_COUNT / 2);
    const paintMs = await bestMs(async () => {
      const shell = await (await fetch(server.url)).text();
      const assets = [...shell.matchAll(/"(\/page\/[^"]+)"/g)].map(([, path]) => path ?? "");
      ok(assets.length > 10);
      await Promise.all(assets.map(async (path) => (await fetch(server.url + path)).text()));
      const url = new URL(`/api/events?trace=${traceId}`, server.url);
      await using events = await EventReader.open(url);
      const { rows, picture } = emailTrace.parse(await events.until("trace", () => true));
      ok(rows.length > 5 && picture.criticalPath.length > 3);
    });
    ok(paintMs < LIMIT_MS, `The first paint took ${paintMs} ms`);
  },
);
