/**
 * How fast the message server tells of emails when the collector holds many.
 *
 * @module
 */
import { ok } from "node:assert/strict";
import { createEmailReader, ZipkinApi } from "@playground/server/trace-view";
import { integrationTest } from "@playground/shared/testing";
import { startZipkin } from "../../tasks/standins/zipkin/mod.ts";
import { fillCollector } from "../fixture/collector_load.ts";

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
  `the message server lists the recent ones of ${EMAIL_COUNT} emails at once, and finds any (alone)`,
  async () => {
    await using zipkin = await startZipkin({ port: 0 });
    const traceIds = await fillCollector(zipkin.url, EMAIL_COUNT, Date.now());
    const reader = createEmailReader(new ZipkinApi(new URL(zipkin.url)), () => undefined);

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
  },
);
