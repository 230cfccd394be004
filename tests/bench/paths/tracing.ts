import type { BenchContext } from "../context.ts";
import { startCollectorSink } from "../load/sinks.ts";
import { processStarter } from "../measure/bench_process.ts";
import { byRound, interleave } from "../measure/samples.ts";
import type { SpanCommand, Stage } from "../processes/span_maker.ts";
import { type Row, rowsOf } from "../row.ts";

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
  const side = (stage: Stage) => async () => {
    const before = collector.byteCount();
    const command: SpanCommand = { stage, count: SPAN_COUNT };
    const microseconds = await maker.call<number>(command);
    return { microseconds, bytesPerSpan: (collector.byteCount() - before) / SPAN_COUNT };
  };
  const samples = await interleave({
    nothing: side("nothing"),
    unsampled: side("unsampled"),
    created: side("created"),
    propagated: side("propagated"),
    exported: side("exported"),
    logged: side("logged"),
    annotated: side("annotated"),
    answered: side("answered"),
    measured: side("measured"),
  }, SAMPLES_PER_ROUND * rounds);
  const row = rowsOf("tracing", "Tracing", "-");
  const microseconds = (stage: Stage) => samples[stage].map(({ microseconds }) => microseconds);
  const differences = (stage: Stage, base: Stage) =>
    byRound(microseconds(stage), microseconds(base), (more, less) => more - less);
  const beyond = (stage: Stage, base: Stage, what: string) =>
    row(stage, what, { unit: "µs", samples: differences(stage, base) });
  const unsampled = "processor time with an unsampled parent, headers included";
  return [
    beyond("created", "nothing", "processor time to create a span"),
    beyond("propagated", "created", "… to also read its parent from headers and write its own"),
    beyond("exported", "propagated", "… to also send it to the collector"),
    beyond("unsampled", "nothing", unsampled),
    row("bytes", "size of a span on the wire", {
      unit: "bytes",
      samples: samples.exported.map(({ bytesPerSpan }) => bytesPerSpan),
    }),
    beyond("annotated", "logged", "processor time of an accepted email's annotation"),
    beyond("measured", "answered", "processor time of an accepted email's metrics"),
    row("signals", "… of both together", {
      unit: "µs",
      samples: byRound(
        differences("annotated", "logged"),
        differences("measured", "answered"),
        (annotation, metrics) => annotation + metrics,
      ),
      goal: { atMost: 10 },
    }),
  ];
}
