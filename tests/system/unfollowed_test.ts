/**
 * Emails that cannot be followed: every reader of spans says so, and the email is still sent.
 *
 * @module
 */
import { equal, match } from "node:assert/strict";
import { integrationTest, serveLocally, waitFor } from "@playground/shared/testing";
import { ANY_PORTS, startStandIns } from "@playground/tasks/standins";
import { EventReader } from "../fixture/event_reader.ts";
import { ServiceProcess } from "../fixture/service_process.ts";
import { runTask } from "../fixture/task_process.ts";

integrationTest("with OTEL_TRACES_EXPORTER=otlp nothing is read from Zipkin", async () => {
  await using standIns = await startStandIns(["amqp", "zipkin"], ANY_PORTS);
  const received: Record<"path" | "body", string>[] = [];
  await using collector = serveLocally(async (request) => {
    received.push({ path: new URL(request.url).pathname, body: await request.text() });
    return Response.json({});
  });
  const environment = {
    ...standIns.variables,
    OTEL_TRACES_EXPORTER: "otlp",
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  };
  await using server = new ServiceProcess("message-server", { environment });
  await server.ready();

  const { code, output } = await runTask("send_email", ["--server", server.url, "--json"]);
  equal(code, 0, output);
  const email: Readonly<Record<string, unknown>> = JSON.parse(output);
  equal(email.end, "unseen");
  match(String(email.reason), /there is no collector to read from; set ZIPKIN_URL/);
  for (const name of ["traceUrl", "pageUrl", "state"]) equal(name in email, false, name);

  for (const path of ["/api/emails", `/api/traces/${email.traceId}`]) {
    const response = await fetch(server.url + path);
    equal(response.status, 503);
    match(await response.text(), /there is no collector to read from/);
  }
  await using events = await EventReader.open(new URL("/api/events", server.url));
  match(
    JSON.stringify(await events.until("collector", () => true)),
    /there is no collector to read from/,
  );
  const hasArrived = (path: string, ...texts: readonly string[]) =>
    received.some((sent) => sent.path === path && texts.every((text) => sent.body.includes(text)));
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
});
