/**
 * Metrics for all three services, with OpenTelemetry's API and SDK: `GET /metrics` answers them as Prometheus reads them, and with
 * `OTEL_TRACES_EXPORTER=otlp` they go out by OTLP.
 *
 * A service makes one {@linkcode Metrics} at its start. Decorators at its edges (`measured….ts`) record into the instruments of
 * the catalogue, which metrics.md lists; gauges are read at each scrape.
 *
 * ```ts
 * import { Metrics } from "@playground/shared/metrics";
 *
 * await using metrics = new Metrics({ "service.name": "emailer" });
 * metrics.observe("playground.dead_letters", () => 3);
 * const response = await metrics.answer(new Request("http://127.0.0.1/metrics"));
 * console.log(await response?.text());
 * ```
 *
 * @module
 */
export * from "./catalogue.ts";
export * from "./measured.ts";
export * from "./metrics.ts";
