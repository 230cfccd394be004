/**
 * The message server when the collector holds many emails: its list, search and page; and a trace of 1,500, for one reader and for
 * many.
 *
 * @module
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import {
  exploredCharts,
  exploredEmails,
  exploredMap,
  exploredPoints,
} from "@playground/server/explore";
import { emailTrace } from "@playground/server/trace-view";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { z } from "zod";
import { fillCollector } from "../fixture/collector_load.ts";
import { EventReader } from "../fixture/event_reader.ts";
import { HalfSentRequests } from "../fixture/half_sent_requests.ts";
import { emailList, shownTrace } from "../fixture/page_api.ts";
import { COLLECTORS } from "../fixture/real_components.ts";
import { type ServiceProcess, startService } from "../fixture/service_process.ts";
import { startStandInsProcess } from "../../tasks/standins/testing.ts";
import { strainOf } from "../fixture/strain.ts";
import { get, getJson } from "../fixture/zipkin.ts";

const EMAIL_COUNT = 10_000;
const PAGES = 10;
/** People take this for immediate; it is several times the figure of an idle machine. */
const LIMIT_MS = 500;
/** All pages ask for all views. The first round allocates the memory, the second reuses it. */
const BUSY_ROUNDS = 2;
const MEBIBYTE = 2 ** 20;
const DAY_MS = 86_400_000;

type Explored<Answer> = readonly [path: string, schema: z.ZodType<Answer>];

async function explore<Answer>(
  { url }: ServiceProcess,
  [path, schema]: Explored<Answer>,
  query: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const answer = await getJson(`${url}/api/explore/${path}?${new URLSearchParams(query)}`);
  return schema.parse(answer);
}

const EMAILS: Explored<z.output<typeof exploredEmails>> = ["emails", exploredEmails];
const MAP: Explored<z.output<typeof exploredMap>> = ["map", exploredMap];
const VIEWS: readonly Explored<unknown>[] = [
  EMAILS,
  ["points", exploredPoints],
  MAP,
  ["charts", exploredCharts],
];

/** One try in time is enough: other processes use the machine, too. */
async function isImmediate(what: string, act: () => Promise<unknown>): Promise<void> {
  const tookMs: number[] = [];
  await waitFor(
    `${what} in less than ${LIMIT_MS} ms`,
    async () => {
      const startedAt = performance.now();
      await act();
      const passedMs = performance.now() - startedAt;
      tookMs.push(passedMs);
      return passedMs < LIMIT_MS;
    },
    undefined,
    () => `It took ${tookMs.join()} ms`,
  );
}

for (const { name, settings, options } of COLLECTORS) {
  integrationTest(
    `the message server finds and shows any of ${EMAIL_COUNT} emails at once, and stays small (Zipkin: ${name}) (alone)`,
    async () => {
      await using resources = new AsyncDisposableStack();
      const { variables } = resources.use(await startStandInsProcess(["amqp", "zipkin"]));
      const environment = { ...variables, ...settings() };
      // A real Zipkin may hold others' emails, of today.
      const endMs = Date.now() - DAY_MS - Math.floor(Math.random() * DAY_MS);
      const traceIds = await fillCollector(environment.ZIPKIN_URL ?? "", EMAIL_COUNT, endMs);
      const range = { from: String(endMs - EMAIL_COUNT + 1), to: String(endMs) };
      await using server = await startService("message-server", environment);

      const strainDuring = await strainOf(server);
      let partialCount = 0;
      const built = await strainDuring(() =>
        waitFor("all emails", async () => {
          const { matchCount, progress } = await explore(server, EMAILS, range);
          if (!progress.isComplete && matchCount > 0) partialCount++;
          return progress.isComplete && matchCount === EMAIL_COUNT;
        }, 120_000)
      );
      ok(partialCount > 0, "nothing was shown before the end");
      ok(built.healthMs < 1_000, `/healthz took ${built.healthMs} ms`);

      for (const view of VIEWS) {
        await isImmediate(view[0], () => explore(server, view, range));
      }
      await isImmediate("the list of the recent ones", async () => {
        const { emails } = emailList.parse(await getJson(`${server.url}/api/emails`));
        equal(emails.length, 20);
      });
      const [middle = ""] = traceIds.slice(EMAIL_COUNT / 2);
      await isImmediate("a trace", async () => {
        const { rows } = await shownTrace(server.url, middle);
        ok(rows.some(({ name }) => name === "store-message"));
      });
      await isImmediate("all that a browser needs to paint an email", async () => {
        const { text: shell } = await get(server.url);
        const assets = [...shell.matchAll(/"(\/page\/[^"]+)"/g)].map(([, path]) => path ?? "");
        ok(assets.length > 10);
        await Promise.all(assets.map((path) => get(server.url + path)));
        const url = new URL(`/api/events?trace=${middle}`, server.url);
        await using events = await EventReader.open(url);
        const { rows, picture } = emailTrace.parse(await events.until("trace", () => true));
        ok(rows.length > 5 && picture.criticalPath.length > 3);
      });

      const found: string[] = [];
      for (let query = { ...range, limit: "100" }, isOver = false; !isOver;) {
        const { emails, nextCursor } = await explore(server, EMAILS, query);
        found.push(...emails.map(({ traceId }) => traceId));
        isOver = nextCursor === undefined;
        query = { ...query, ...(nextCursor === undefined ? {} : { cursor: nextCursor }) };
      }
      deepEqual(found, traceIds);
      for (const traceId of traceIds.filter((_, index) => index % 2_500 === 0)) {
        const { emails } = await explore(server, EMAILS, { search: traceId });
        deepEqual(emails.map((email) => email.traceId), [traceId]);
      }
      // The calls for the last ones begin later.
      const { edges } = await explore(server, MAP, { ...range, to: String(endMs + 2_000) });
      deepEqual(
        edges.map(({ from, to, callCount }) => `${from} ${callCount} ${to}`),
        [
          "message-server 10000 rabbitmq",
          "rabbitmq 10000 emailer",
          "emailer 10000 mailtrap",
          "mail-poller 20000 mailtrap",
          "mail-poller 10000 mongodb",
        ],
      );

      const busy = await strainDuring(async () => {
        for (let page = 0; page < PAGES; page++) {
          resources.use(await EventReader.open(new URL("/api/events", server.url)));
        }
        for (let round = 0; round < BUSY_ROUNDS; round++) {
          await Promise.all(
            Array.from(
              { length: PAGES },
              () => Promise.all(VIEWS.map((view) => explore(server, view, range))),
            ),
          );
        }
      });
      ok(busy.healthMs < 1_000, `/healthz took ${busy.healthMs} ms`);
      ok(busy.peakBytes < 400 * MEBIBYTE, `it took ${busy.peakBytes / MEBIBYTE} MiB`);
    },
    options,
  );
}

const TRACE_ID = "463ac35c9f6413ad48485a3978bb5ecc";
const LONG_TRACE_COUNT = 1_500;

/** The end of the answer, with the trace's size: a hundred readers that parse all of it would be measured themselves. */
const omission = z.object({ omittedSpanCount: z.number().optional() });

integrationTest(
  `a trace of ${LONG_TRACE_COUNT} emails delays nobody, is shown in part, and costs little for 100 readers, whether they read or not, and for 60 callers who ask for its emails (alone)`,
  async () => {
    await using resources = new AsyncDisposableStack();
    const { variables } = resources.use(await startStandInsProcess(["amqp", "zipkin"]));
    const add = (emailCount: number) =>
      fillCollector(variables.ZIPKIN_URL ?? "", emailCount, Date.now(), TRACE_ID);
    await add(LONG_TRACE_COUNT);
    await using server = await startService("message-server", variables);
    const strainDuring = await strainOf(server);

    let text = "";
    const { healthMs } = await strainDuring(async () => {
      for (let round = 0; round < 3; round++) {
        const { spans, omittedSpanCount = 0, state } = await shownTrace(server.url, TRACE_ID);
        equal(spans.length, 1_000);
        // Six spans for each email, and the polls' spans.
        ok(
          spans.length + omittedSpanCount > 6 * LONG_TRACE_COUNT,
          `${omittedSpanCount} are left out`,
        );
        equal(state?.name, "archived");
        ({ text } = await get(`${server.url}/api/emails`));
      }
    });
    ok(text.includes(TRACE_ID));
    ok(healthMs < 1_000, `/healthz took ${healthMs} ms`);

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

    const asked = await strainDuring(async () => {
      const answers = await Promise.all(Array.from({ length: 60 }, () => {
        const unknown = crypto.randomUUID();
        return get(`${server.url}/api/traces/${TRACE_ID}?email=${unknown}`);
      }));
      ok(answers.some(({ status }) => status === 404), "some are answered");
      deepEqual(answers.filter(({ status }) => ![404, 503].includes(status)), []);
    });
    ok(asked.grownBytes < 300 * MEBIBYTE, `its memory grew by ${asked.grownBytes / MEBIBYTE} MiB`);
  },
);
