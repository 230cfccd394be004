/**
 * OpenTelemetry's own variables, on the running services.
 *
 * @module
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { integrationTest, waitFor } from "@playground/shared/testing";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { ANY_PORTS, STAND_IN_NAMES, startStandIns } from "@playground/tasks/standins";
import { SERVICE_NAMES, type ServiceName } from "@playground/tasks/system";
import { acceptEmail } from "../fixture/emails.ts";
import { startService } from "../fixture/service_process.ts";
import { openArchive, traceUntil } from "../fixture/test_system.ts";
import { isAs } from "../fixture/traces.ts";

const CALLER = "4bf92f3577b34da6a3ce929d0e0e4736";
const TRACEPARENT = `00-${CALLER}-00f067aa0ba902b7-01`;

integrationTest(
  "services started alone have the names, attributes and propagators of their environment, and an email is one trace",
  async () => {
    await using resources = new AsyncDisposableStack();
    const { variables } = resources.use(await startStandIns([...STAND_IN_NAMES], ANY_PORTS));
    const { ZIPKIN_URL = "", MONGODB_URL = "", ...others } = variables;
    const start = async (name: ServiceName) =>
      resources.use(
        await startService(name, {
          ...others,
          MONGODB_URL,
          POLL_INTERVAL_SECONDS: "1",
          OTEL_EXPORTER_ZIPKIN_ENDPOINT: `${ZIPKIN_URL}/api/v2/spans`,
          OTEL_PROPAGATORS: "tracecontext,baggage",
          TRACE_BAGGAGE_KEYS: "region",
          OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=stage",
          OTEL_SERVICE_NAME: `my-${name}`,
        }),
      );
    const [server] = await Promise.all(SERVICE_NAMES.map(start));
    ok(server);
    const { traceId } = await acceptEmail(server, {}, {
      traceparent: TRACEPARENT,
      tracestate: "vendor=1",
      baggage: "tenant=a,region=eu",
    });
    equal(traceId, CALLER);
    // Of the poll, which is in a trace of its own.
    const { spans } = await traceUntil(
      server.client,
      traceId,
      ({ spans, state }) => state.name === "archived" && isAs(["delete-message"])(spans),
    );
    const own = spans.filter(({ localEndpoint }) => localEndpoint?.serviceName !== "rabbitmq");
    deepEqual(
      new Set(own.map(({ localEndpoint }) => localEndpoint?.serviceName)),
      new Set(SERVICE_NAMES.map((name) => `my-${name}`)),
    );
    ok(own.every(({ tags }) => tags?.["deployment.environment.name"] === "stage"));
    const ofEmail = own.filter(({ name = "" }) => !["poll-email", "fetch-inbox"].includes(name));
    ok(ofEmail.every(({ tags = {} }) => tags.tenant === undefined && tags.region === "eu"));
    const response = await fetch(`${server.url}/api/emails`);
    equal((await response.json()).emails.length, 1);

    const [mail] = await openArchive(MONGODB_URL, resources)();
    const header = new TextDecoder().decode(mail?.raw?.buffer).split("\r\n\r\n")[0] ?? "";
    const names = ["X-B3-TraceId", "b3", "traceparent", "tracestate", "baggage"].filter((name) =>
      new RegExp(`^${name}: `, "m").test(header)
    );
    deepEqual(names, ["traceparent", "tracestate", "baggage"]);
  },
);

integrationTest(
  "OTEL_TRACES_SAMPLER=always_on reports emails whatever their callers say, and nothing else",
  async () => {
    await using standIns = await startStandIns(["amqp", "zipkin"], ANY_PORTS);
    const { variables } = standIns;
    const environment = { ...variables, OTEL_TRACES_SAMPLER: "always_on" };
    await using server = await startService("message-server", environment);
    const response = await fetch(`${server.url}/email`, {
      method: "POST",
      headers: { "X-B3-TraceId": CALLER, "X-B3-SpanId": "00f067aa0ba902b7", "X-B3-Sampled": "0" },
      body: "{}",
    });
    equal(response.status, 415);
    await response.body?.cancel();
    await (await fetch(`${server.url}/api/emails`)).body?.cancel();
    let traces: readonly (readonly ZipkinSpan[])[] = [];
    await waitFor("the span arrives", async () => {
      traces = await (await fetch(`${variables.ZIPKIN_URL}/api/v2/traces`)).json();
      return traces.length > 0;
    });
    deepEqual(traces.flat().map(({ traceId, name }) => [traceId, name]), [[
      CALLER,
      "schedule-email",
    ]]);
  },
);
