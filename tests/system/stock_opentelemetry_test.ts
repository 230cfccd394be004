/**
 * Traces that continue in other programs: a publisher and a consumer with OpenTelemetry's stock SDK, on a RabbitMQ.
 *
 * @module
 */
import { equal } from "node:assert/strict";
import type { Environment } from "@playground/shared/configuration";
import { integrationTest, runProgram } from "@playground/shared/testing";
import { assertTrace } from "@playground/shared/trace-assertion";
import { ANY_PORTS, startStandIns } from "@playground/tasks/standins";
import { z } from "zod";
import { acceptEmail, EMAIL } from "../fixture/emails.ts";
import { BROKERS, optionsWith, testVariable } from "../fixture/real_components.ts";
import { startService } from "../fixture/service_process.ts";
import { isIn, startTestSystem, traceUntil } from "../fixture/test_system.ts";
import { isAs } from "../fixture/traces.ts";

const WITH_W3C = { OTEL_PROPAGATORS: "b3multi,tracecontext" };

const spanSchema = z.object({
  name: z.string(),
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
});

/** The last span of the other program. */
async function runStock(...args: readonly string[]): Promise<z.output<typeof spanSchema>> {
  const program = ["tests/fixture/stock_opentelemetry.cjs", ...args];
  const env = { NODE_PATH: testVariable("TEST_OTEL_NODE_MODULES") ?? "" };
  const { code, stdout, output } = await runProgram("node", program, { env });
  equal(code, 0, output);
  return spanSchema.parse(JSON.parse(stdout.trim().split("\n").at(-1) ?? ""));
}

for (const { name, settings, options: ofBroker } of BROKERS) {
  const options = { ...optionsWith("TEST_OTEL_NODE_MODULES"), ...ofBroker };

  integrationTest(`a stock consumer continues our trace from the queue (${name})`, async () => {
    await using resources = new AsyncDisposableStack();
    const standIns = resources.use(await startStandIns(["amqp", "zipkin"], ANY_PORTS));
    const environment: Environment = { ...standIns.variables, ...settings(), ...WITH_W3C };
    const server = resources.use(await startService("message-server", environment));
    const email = await acceptEmail(server);
    const span = await runStock("consume", environment.AMQP_URL ?? "");
    equal(span.traceId, email.traceId);
    const parent = { name: "amqp-publish", id: span.parentSpanId ?? null };
    await traceUntil(server.client, email.traceId, ({ spans }) => isAs([parent])(spans));
  }, options);

  integrationTest(`our emailer continues the trace of a stock publisher (${name})`, async () => {
    await using test = await startTestSystem(settings());
    const span = await runStock("publish", test.system.urls.amqp, JSON.stringify(EMAIL));
    const { spans } = await traceUntil(test.client, span.traceId, isIn("archived"));
    const id = span.spanId;
    assertTrace(spans, [{ name: "amqp-publish", kind: "CONSUMER", id, children: ["emailer"] }]);
  }, options);
}
