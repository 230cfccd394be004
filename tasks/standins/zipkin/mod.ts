/**
 * Stands in for Zipkin 3: collects spans, answers its query API, and shows traces as pages that need no script.
 *
 * Spans come in at `POST /api/v2/spans`, are decoded as Zipkin decodes them, and are in SQLite before the 202 goes out. A query
 * reads them from there; the dependency graph and the waterfall of `/zipkin/traces/{id}` are computed from a trace's records each
 * time they are asked for. The 20,000 traces whose spans arrived last are kept.
 *
 * Missing, since nothing in the playground uses it: version 1 of the API, protobuf and Thrift (415), and Zipkin's own page, whose
 * configuration is served.
 *
 * @module
 */
import { Faults } from "../faults/registry.ts";
import { LOOPBACK, serveHttpOn } from "../listen.ts";
import type { StandIn, StandInOptions } from "../stand_in.ts";
import { createZipkinApp } from "./app.ts";
import { SpanPath } from "./span_path.ts";
import { SpanStore } from "./span_store.ts";

const USUAL_PORT = 9411;

export async function startZipkin(options: StandInOptions): Promise<StandIn> {
  await using resources = new AsyncDisposableStack();
  const store = resources.use(new SpanStore(options.stateDirectory));
  const { faults = new Faults() } = options;
  const path = resources.use(new SpanPath(faults, (spans) => store.add(spans)));
  const app = createZipkinApp(store, faults, path, options.links);
  const { url } = resources.use(await serveHttpOn(LOOPBACK, options.port ?? USUAL_PORT, app.fetch));
  return Object.assign(resources.move(), { url });
}
