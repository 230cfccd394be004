import { deepEqual, equal } from "node:assert/strict";
import { waitFor } from "@playground/shared/testing";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import type { FaultName, FaultSetting } from "@playground/tasks/faults";
import { emailSpans, get, nowUs, post } from "../../fixture/zipkin.ts";
import type { Bench, FaultChecks } from "../../fixture/faults.ts";

/** The services of the example, by their usual names: faults go by them. */
function example() {
  const { traceId, names, spans } = emailSpans(nowUs());
  const usual = new Map(Object.entries(names).map(([name, own]) => [own, name]));
  const own: readonly ZipkinSpan[] = JSON.parse(
    JSON.stringify(spans.filter((span) => span.traceId === traceId)),
    (_, value) => usual.get(value) ?? value,
  );
  return { traceId, spans: own };
}

async function trace({ variables }: Bench, traceId: string): Promise<readonly ZipkinSpan[]> {
  const { status, text } = await get(`${variables.ZIPKIN_URL}/api/v2/trace/${traceId}`);
  return status === 200 ? JSON.parse(text) : [];
}

/** Posts a trace under a fault, and waits until the collector has this many records of it. */
async function collected(
  bench: Bench,
  name: FaultName,
  setting: FaultSetting,
  count: number,
): Promise<{ readonly sent: readonly ZipkinSpan[]; readonly found: readonly ZipkinSpan[] }> {
  await bench.set(name, setting);
  const { traceId, spans } = example();
  equal((await post(bench.variables.ZIPKIN_URL ?? "", JSON.stringify(spans))).status, 202);
  let found: readonly ZipkinSpan[] = [];
  await waitFor(`${count} records of the trace`, async () => {
    found = await trace(bench, traceId);
    return found.length === count;
  });
  await bench.clear(name);
  return { sent: spans, found };
}

const serviceOf = ({ localEndpoint }: ZipkinSpan) => localEndpoint?.serviceName;
const shapes = (spans: readonly ZipkinSpan[]) =>
  spans.map(({ id, kind, name, timestamp = 0 }) => [id, kind, name, timestamp]).sort();

export const SPANS_CHECKS: FaultChecks<"spans"> = {
  async "spans.lose"(bench) {
    const kept = example().spans.filter((span) => serviceOf(span) !== "emailer");
    const { sent, found } = await collected(
      bench,
      "spans.lose",
      { value: "emailer" },
      kept.length,
    );
    deepEqual(shapes(found), shapes(sent.filter((span) => serviceOf(span) !== "emailer")));
  },
  async "spans.clock-ahead"(bench) {
    const count = example().spans.length;
    const { sent, found } = await collected(bench, "spans.clock-ahead", {}, count);
    const ahead = (span: ZipkinSpan) => ({
      ...span,
      timestamp: (span.timestamp ?? 0) + (serviceOf(span) === "emailer" ? 2_000_000 : 0),
    });
    deepEqual(shapes(found), shapes(sent.map(ahead)));
  },
  async "spans.late"(bench) {
    await bench.set("spans.late", { value: "emailer" });
    const { traceId, spans } = example();
    const startedAt = performance.now();
    equal((await post(bench.variables.ZIPKIN_URL ?? "", JSON.stringify(spans))).status, 202);
    const early = spans.filter((span) => serviceOf(span) !== "emailer");
    await waitFor("the others", async () => (await trace(bench, traceId)).length === early.length);
    await waitFor("the late ones", async () => {
      return (await trace(bench, traceId)).length === spans.length;
    }, 15_000);
    equal(performance.now() - startedAt >= 4_900, true);
  },
  async "spans.twice"(bench) {
    const count = example().spans.length;
    const { found } = await collected(bench, "spans.twice", {}, 2 * count);
    equal(found.filter(({ tags }) => tags?.forwarded_by === "second-agent").length, count);
  },
  async "spans.share-id"(bench) {
    const { sent, found } = await collected(
      bench,
      "spans.share-id",
      {},
      example().spans.length,
    );
    const idOf = (spans: readonly ZipkinSpan[], name: string) =>
      spans.find((span) => span.name === name)?.id;
    equal(idOf(found, "send-email"), idOf(found, "archive-email"));
    equal(idOf(found, "emailer"), idOf(sent, "emailer"));
  },
  async "spans.tail-sampling"(bench) {
    await bench.set("spans.tail-sampling", { value: "300" });
    const url = bench.variables.ZIPKIN_URL ?? "";
    const [healthy, failed] = [example(), example()];
    const broken = failed.spans.map((span) =>
      span.name === "send-email" ? { ...span, tags: { error: "550" } } : span
    );
    await post(url, JSON.stringify([...healthy.spans, ...broken.slice(1)]));
    equal((await trace(bench, failed.traceId)).length, 0);
    await waitFor("the trace with an error is kept", async () => {
      return (await trace(bench, failed.traceId)).length === broken.length - 1;
    });
    // The decision holds for what comes later.
    await post(url, JSON.stringify([...broken.slice(0, 1), ...healthy.spans.slice(0, 1)]));
    equal((await trace(bench, failed.traceId)).length, broken.length);
    equal((await trace(bench, healthy.traceId)).length, 0);
    equal(await bench.hitCount("spans.tail-sampling"), 1);
  },
};
