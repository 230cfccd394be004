/**
 * Users and passwords in the addresses that services are given: presented to whom they are for, and told to nobody else.
 *
 * @module
 */
import { equal, ok } from "node:assert/strict";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { ANY_PORTS, startStandIns } from "@playground/tasks/standins";
import { acceptEmail, ServiceProcess } from "../fixture/service_process.ts";
import { startTestSystem } from "../fixture/test_system.ts";

const USER = "planted-user";
const PASSWORD = "planted-pässword";
const SECRETS = [USER, PASSWORD, encodeURIComponent(PASSWORD), btoa(USER).slice(0, 8)];

/** A proxy that wants user and password, as one before a collector of others does; without an upstream it answers 503. */
function startGuard(upstream?: string) {
  const expected = `Basic ${new TextEncoder().encode(`${USER}:${PASSWORD}`).toBase64()}`;
  const seen = new Set<string | null>();
  const paths = new Set<string>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const authorization = request.headers.get("authorization");
      seen.add(authorization);
      const { pathname, search } = new URL(request.url);
      paths.add(pathname);
      if (authorization !== expected) return new Response(null, { status: 401 });
      if (upstream === undefined) return new Response(null, { status: 503 });
      const headers = new Headers(request.headers);
      headers.delete("authorization");
      return await fetch(new URL(`${pathname}${search}`, upstream), {
        method: request.method,
        headers,
        body: request.body === null ? null : await request.arrayBuffer(),
      });
    },
  );
  const url = new URL(`http://127.0.0.1:${server.addr.port}`);
  url.username = USER;
  url.password = PASSWORD;
  return {
    url: url.href,
    paths,
    isPassed: () => seen.size === 1 && seen.has(expected),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

integrationTest(
  "user and password of an address are presented there, and told nowhere",
  async () => {
    await using standIns = await startStandIns(
      ["zipkin", "amqp", "mailtrap", "mongodb"],
      ANY_PORTS,
    );
    const { variables } = standIns;
    await using zipkin = startGuard(variables.ZIPKIN_URL ?? "");
    await using mailtrap = startGuard(variables.MAILTRAP_URL ?? "");
    await using test = await startTestSystem({
      settings: {
        ...variables,
        LOG_LEVEL: "debug",
        ZIPKIN_URL: zipkin.url,
        MAILTRAP_URL: mailtrap.url,
      },
    });
    const told: string[] = [];
    const ask = async (path: string, init: RequestInit = {}) => {
      const response = await fetch(new URL(path, test.system.urls.messageServer), init);
      const text = await response.text();
      told.push(text);
      return { status: response.status, text };
    };

    const accepted = await ask("/email", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        sender: { address: "me@example.com" },
        recipient: { address: "you@example.com" },
        subject: "Something catchy",
        body: "Whatever you want",
      }),
    });
    equal(accepted.status, 202);
    const { traceId } = JSON.parse(accepted.text);
    await waitFor(
      "it is archived, and its poll is told of",
      async () => {
        const { text } = await ask(`/api/traces/${traceId}`);
        return text.includes("delete-message");
      },
      30_000,
    );
    equal((await ask("/api/emails")).status, 200);
    const spans = await fetch(`${variables.ZIPKIN_URL}/api/v2/traces?limit=1000&lookback=600000`);
    told.push(await spans.text(), ...test.lines);

    ok(zipkin.isPassed());
    ok(mailtrap.isPassed());
    for (const secret of SECRETS) {
      ok(!told.some((text) => text.includes(secret)), `${secret} is told`);
    }
  },
);

for (
  const { variable, exporter, asked } of [
    { variable: "OTEL_EXPORTER_ZIPKIN_ENDPOINT", exporter: "zipkin", asked: ["/api/v2/spans"] },
    {
      variable: "OTEL_EXPORTER_ZIPKIN_ENDPOINT",
      exporter: "zipkin-stock",
      asked: ["/api/v2/spans"],
    },
    {
      variable: "OTEL_EXPORTER_OTLP_ENDPOINT",
      exporter: "otlp",
      asked: ["/v1/traces", "/v1/logs"],
    },
  ]
) {
  integrationTest(
    `user and password of ${variable} are told nowhere by the exporter ${exporter}`,
    async () => {
      await using standIns = await startStandIns(["amqp"], ANY_PORTS);
      await using guard = startGuard();
      await using server = new ServiceProcess("message-server", {
        environment: {
          ...standIns.variables,
          LOG_LEVEL: "debug",
          OTEL_TRACES_EXPORTER: exporter,
          [variable]: guard.url,
        },
      });
      await server.ready();
      const { traceId } = await acceptEmail(server);
      await waitFor("the collector is asked", () => asked.every((path) => guard.paths.has(path)));
      await waitFor("it fails", () => server.lines.some((line) => /The collector /.test(line)));
      const paths = ["/readyz", "/metrics", "/api/emails", `/api/traces/${traceId}`];
      const told = await Promise.all(
        paths.map(async (path) => await (await fetch(`${server.url}${path}`)).text()),
      );
      ok(guard.isPassed());
      for (const secret of SECRETS) {
        ok(![...told, ...server.lines].some((text) => text.includes(secret)), `${secret} is told`);
      }
    },
  );
}
