import { deepEqual, equal, match } from "node:assert/strict";
import { telemetryFrom } from "@playground/shared/testing/telemetry";
import { z } from "zod";
import { readConfiguration } from "../configuration/configuration.ts";
import { telemetryVariables } from "./variables.ts";

Deno.test.each([
  [{}, 1, true],
  [{ TRACE_SAMPLE_RATIO: "0.25" }, 0.25, true],
  [{ OTEL_TRACES_SAMPLER: "always_on", TRACE_SAMPLE_RATIO: "0" }, 1, false],
  [{ OTEL_TRACES_SAMPLER: "always_off" }, 0, false],
  [{ OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.1" }, 0.1, false],
  [{ OTEL_TRACES_SAMPLER: "traceidratio" }, 1, false],
  [{ OTEL_TRACES_SAMPLER: "parentbased_always_on" }, 1, true],
  [{ OTEL_TRACES_SAMPLER: "parentbased_always_off" }, 0, true],
  [{ OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0" }, 0, true],
])("telemetryOf() samples as %j says", (environment, ratio, followsCaller) => {
  deepEqual(telemetryFrom(environment).sampling, { ratio, followsCaller });
});

Deno.test.each([
  ["emailer", {}],
  ["mailer", { OTEL_RESOURCE_ATTRIBUTES: "service.name=mailer" }],
  ["emailer", { OTEL_RESOURCE_ATTRIBUTES: "service.name=" }],
  ["b", { OTEL_RESOURCE_ATTRIBUTES: "service.name=a", OTEL_SERVICE_NAME: "b" }],
])("telemetryOf() names the service %s with %j", (serviceName, environment) => {
  const { serviceName: name, resource } = telemetryFrom(environment);
  deepEqual([name, resource["service.name"]], [serviceName, serviceName]);
});

Deno.test("telemetryOf() has the version, an instance and the operator's attributes", () => {
  const { resource } = telemetryFrom({
    OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test, team = a%2Cb",
  });
  match(resource["service.version"] ?? "", /^\d+\.\d+\.\d+/);
  match(resource["service.instance.id"] ?? "", /^[0-9a-f-]{36}$/);
  deepEqual([resource["deployment.environment.name"], resource.team], ["test", "a,b"]);
});

Deno.test("telemetryOf() reads Zipkin's address from both variables, ours first", () => {
  const OTEL_EXPORTER_ZIPKIN_ENDPOINT = "http://b:9411/api/v2/spans";
  equal(telemetryFrom({ OTEL_EXPORTER_ZIPKIN_ENDPOINT }).zipkinUrl?.href, "http://b:9411/");
  const both = telemetryFrom({ OTEL_EXPORTER_ZIPKIN_ENDPOINT, ZIPKIN_URL: "http://a:9411" });
  equal(both.zipkinUrl?.host, "a:9411");
});

Deno.test("telemetryOf() has an endpoint, headers and a time limit for each signal, or common ones", () => {
  const { otlp } = telemetryFrom({
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://u:p@collector:4318/base",
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: "https://logs.example.com/ingest?x=1",
    OTEL_EXPORTER_OTLP_HEADERS: "api-key=s%20e",
    OTEL_EXPORTER_OTLP_LOGS_HEADERS: "api-key=logs",
    OTEL_EXPORTER_OTLP_TIMEOUT: "5000",
    OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: "7000",
  });
  const headers = { authorization: "Basic dTpw", "api-key": "s e" };
  deepEqual(otlp, {
    traces: { url: "http://collector:4318/base/v1/traces", headers, timeoutMs: 5_000 },
    metrics: { url: "http://collector:4318/base/v1/metrics", headers, timeoutMs: 7_000 },
    logs: {
      url: "https://logs.example.com/ingest?x=1",
      headers: { "api-key": "logs" },
      timeoutMs: 5_000,
    },
  });
});

Deno.test.each([
  [
    "sends nothing with OTEL_SDK_DISABLED",
    { OTEL_SDK_DISABLED: "TRUE", OTEL_TRACES_EXPORTER: "otlp" },
    { exporter: "none" },
  ],
  [
    "takes names in capitals as well",
    { OTEL_TRACES_EXPORTER: "OTLP", OTEL_PROPAGATORS: "TraceContext,Baggage" },
    { exporter: "otlp", propagators: ["tracecontext", "baggage"] },
  ],
  [
    "configures the span queue by OTEL_BSP_",
    {
      OTEL_BSP_SCHEDULE_DELAY: "100",
      OTEL_BSP_EXPORT_TIMEOUT: "200",
      OTEL_BSP_MAX_QUEUE_SIZE: "300",
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "50",
    },
    { spanQueue: { intervalMs: 100, timeoutMs: 200, capacity: 300, batchSize: 50 } },
  ],
])("telemetryOf() %s", (_what, environment, expected) => {
  const telemetry = telemetryFrom(environment);
  deepEqual({ ...telemetry, ...expected }, telemetry);
});

Deno.test.each([
  [{ OTEL_PROPAGATORS: "b3,jaeger" }, /^OTEL_PROPAGATORS: must be one or several of b3multi, b3,/],
  [{ TRACE_BAGGAGE_KEYS: "tenant,error" }, /^TRACE_BAGGAGE_KEYS: must be at most 8 keys/],
  [{ TRACE_BAGGAGE_KEYS: "http.url" }, /^TRACE_BAGGAGE_KEYS: must be at most 8 keys/],
  [{ TRACE_BAGGAGE_KEYS: "a,b,c,d,e,f,g,h,i" }, /^TRACE_BAGGAGE_KEYS: must be at most 8 keys/],
  [{ OTEL_TRACES_SAMPLER: "sometimes" }, /^OTEL_TRACES_SAMPLER: must be one of always_on,/],
  [{ OTEL_TRACES_SAMPLER_ARG: "2" }, /^OTEL_TRACES_SAMPLER_ARG: must be a number from 0/],
  [{ OTEL_RESOURCE_ATTRIBUTES: "team" }, /^OTEL_RESOURCE_ATTRIBUTES: must be names with values/],
  [{ OTEL_RESOURCE_ATTRIBUTES: "team=%" }, /^OTEL_RESOURCE_ATTRIBUTES: must be names with values/],
  [{ OTEL_EXPORTER_OTLP_HEADERS: "a=secret%0A1" }, /^OTEL_EXPORTER_OTLP_HEADERS: must be headers/],
  [{ OTEL_EXPORTER_OTLP_HEADERS: "ä=secret" }, /^OTEL_EXPORTER_OTLP_HEADERS: must be headers/],
  [
    { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
    /^OTEL_EXPORTER_OTLP_PROTOCOL: must be one of http\/json/,
  ],
])("telemetryVariables refuses %j", (environment, problem) => {
  const read = readConfiguration(z.object(telemetryVariables), environment);
  match(read.ok ? "" : read.problems.join(), problem);
});
