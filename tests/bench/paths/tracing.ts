import type { BenchContext } from "../backing.ts";
import { startCollectorSink } from "../load/sinks.ts";
import { processStarter } from "../measure/bench_process.ts";
import { interleave } from "../measure/samples.ts";
import type { SpanCommand, SpanResult, Stage } from "../processes/span_maker.ts";
import { figureRow, type Row, rowNames } from "../row.ts";

/** The queue to the collector holds 8,192 spans: none of these is lost, however fast they are made. */
const SPAN_COUNT = 6_400;
/** The differences are a few microseconds: more samples than elsewhere, and each takes less than half a second. */
const SAMPLES_PER_ROUND = 3;

/** Tracing: what a span, its annotation and metrics cost in processor time, and a span on the wire. */
export async function measureTracing(
  { rounds, signal, progress }: BenchContext,
): Promise<readonly Row[]> {
  progress("tracing");
  await using resources = new AsyncDisposableStack();
  const collector = startCollectorSink(resources);
  const settings = { zipkinUrl: collector.url };
  const maker = await processStarter(resources, signal)("span_maker", settings);
  const bytesPerSpan: number[] = [];
  const side = <Name extends Stage>(stage: Name) => ({
    name: stage,
    run: async () => {
      const before = collector.byteCount();
      const command: SpanCommand = { stage, count: SPAN_COUNT };
      const { microseconds } = await maker.call<SpanResult>(command);
      const byteCount = collector.byteCount() - before;
      if (stage === "exported") bytesPerSpan.push(byteCount / SPAN_COUNT);
      return microseconds;
    },
  });
  const samples = await interleave([
    side("nothing"),
    side("unsampled"),
    side("created"),
    side("propagated"),
    side("exported"),
    side("logged"),
    side("annotated"),
    side("answered"),
    side("measured"),
  ], SAMPLES_PER_ROUND * rounds);
  const facts = rowNames("tracing", "Tracing", "-");
  const differences = (stage: Stage, base: Stage) =>
    samples[stage].map((microseconds, round) => microseconds - (samples[base][round] ?? NaN));
  const beyond = (stage: Stage, base: Stage, what: string) =>
    figureRow(facts(stage, what), "µs", differences(stage, base));
  const annotations = differences("annotated", "logged");
  const metrics = differences("measured", "answered");
  const both = annotations.map((microseconds, round) => microseconds + (metrics[round] ?? NaN));
  const unsampled = "processor time with an unsampled parent, headers included";
  return [
    beyond("created", "nothing", "processor time to create a span"),
    beyond("propagated", "created", "… to also read its parent from headers and write its own"),
    beyond("exported", "propagated", "… to also send it to the collector"),
    beyond("unsampled", "nothing", unsampled),
    figureRow(facts("bytes", "size of a span on the wire"), "bytes", bytesPerSpan),
    beyond("annotated", "logged", "processor time of an accepted email's annotation"),
    beyond("measured", "answered", "processor time of an accepted email's metrics"),
    figureRow(facts("signals", "… of both together", { goal: { atMost: 10 } }), "µs", both),
  ];
}
