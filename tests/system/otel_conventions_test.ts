/**
 * OpenTelemetry's own variables, on the running services. Where an email cannot be followed, every reader of spans says so.
 *
 * @module
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { integrationTest, serveLocally, waitFor } from "@playground/shared/testing";
import { ANY_PORTS, STAND_IN_NAMES, startStandIns } from "@playground/tasks/standins";
import { SERVICE_NAMES, type ServiceName } from "@playground/tasks/system";
import { acceptEmail } from "../fixture/emails.ts";
import { EventReader } from "../fixture/event_reader.ts";
import { startService } from "../fixture/service_process.ts";
import { runTask } from "../fixture/task_process.ts";
import { openArchive, traceUntil } from "../fixture/test_system.ts";
import { isAs } from "../fixture/traces.ts";

const CALLER = "4bf92f3577b34da6a3ce929d0e0e4736";
/** Says that the trace is not sampled. */
const TRACEPARENT = `00-${CALLER}-00f067aa0ba902b7-00`;

integrationTest(
  "services started alone have the names, attributes, propagators and sampler of their environment, and an email is one trace",
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
          OTEL_TRACES_SAMPLER: "always_on",
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
    // The poll's spans are in a trace of their own.
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
    const text = new TextDecoder().decode(mail?.raw?.buffer);
    const context = text.match(/^(?:X-B3-\w+|b3|traceparent|tracestate|baggage): .*$/gim) ?? [];
    deepEqual(context.map((line) => line.replace(/: 00-.*-01$/, ": a sampled one")).toSorted(), [
      "baggage: region=eu",
      "traceparent: a sampled one",
      "tracestate: vendor=1",
    ]);
  },
);

integrationTest(
  "with OTEL_TRACES_EXPORTER=otlp nothing is read from Zipkin, and only the collector gets its user and password",
  async () => {
    await using standIns = await startStandIns(["amqp", "zipkin"], ANY_PORTS);
    const received: Record<"path" | "body", string>[] = [];
    const authorizations = new Set<string | null>();
    await using collector = serveLocally(async (request) => {
      authorizations.add(request.headers.get("authorization"));
      received.push({ path: new URL(request.url).pathname, body: await request.text() });
      return Response.json({});
    });
    const environment = {
      ...standIns.variables,
      LOG_LEVEL: "debug",
      OTEL_TRACES_EXPORTER: "otlp",
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url.replace("//", "//us3r:s3cret@"),
    };
    await using server = await startService("message-server", environment);

    const { code, output } = await runTask("send_email", ["--server", server.url, "--json"]);
    equal(code, 0, output);
    const email: Readonly<Record<string, unknown>> = JSON.parse(output);
    equal(email.end, "unseen");
    match(String(email.reason), /there is no collector to read from; set ZIPKIN_URL/);
    for (const name of ["traceUrl", "pageUrl", "state"]) equal(name in email, false, name);

    const told: string[] = [];
    for (
      const [path, status, expected] of [
        ["/api/emails", 503, /there is no collector to read from/],
        [`/api/traces/${email.traceId}`, 503, /there is no collector to read from/],
        ["/readyz", 200, /lostSpanCount/],
        ["/metrics", 200, /^# HELP/],
      ] as const
    ) {
      const response = await fetch(server.url + path);
      equal(response.status, status);
      const text = await response.text();
      match(text, expected);
      told.push(text);
    }
    await using events = await EventReader.open(new URL("/api/events", server.url));
    match(
      JSON.stringify(await events.until("collector", () => true)),
      /there is no collector to read from/,
    );
    const hasArrived = (path: string, ...texts: readonly string[]) =>
      received.some((sent) =>
        sent.path === path && texts.every((text) => sent.body.includes(text))
      );
    await waitFor("the spans arrive", () => hasArrived("/v1/traces", "amqp-publish"));
    await waitFor(
      "the log records arrive, with their trace",
      () => hasArrived("/v1/logs", `Accepted email ${email.id}`, `"traceId":"${email.traceId}"`),
    );
    await server[Symbol.asyncDispose]();
    await waitFor(
      "the metrics arrive",
      () => hasArrived("/v1/metrics", "http.server.request.duration", "playground.email.accepted"),
    );
    deepEqual([...authorizations], [`Basic ${btoa("us3r:s3cret")}`]);
    for (const text of [...told, ...server.lines]) ok(!/us3r|s3cret/.test(text), text);
  },
);
