/**
 * Credentials that are more than ASCII: whatever logs in at the broker says the same, in UTF-8 (RFC 4616 section 2). The virtual
 * host is encoded as well.
 *
 * @module
 */
import { equal, match } from "node:assert/strict";
import { BrokerConnection } from "@playground/shared/amqp";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { startAmqpBroker } from "../../tasks/standins/amqp/mod.ts";
import { runTask } from "../fixture/task_process.ts";

const ACCOUNT = { user: "renée", password: "pâss/wörd@é%" };

integrationTest("a password with an é works in every command, percent-encoded or not", async () => {
  await using broker = await startAmqpBroker({ port: 0, account: ACCOUNT });
  const { host, port } = new URL(broker.url);
  for (
    const userInfo of ["ren%C3%A9e:p%C3%A2ss%2Fw%C3%B6rd%40%C3%A9%25", "renée:pâss%2Fwörd%40é%25"]
  ) {
    await using connection = await BrokerConnection.open({
      urls: [new URL(`amqp://${userInfo}@${host}/%2f`)],
      clientName: "test",
      setup: () => Promise.resolve(),
    });
    await waitFor("it is connected", () => connection.readiness.ready);
    equal(connection.node.port, Number(port));
  }
  const env = {
    AMQP_URL: `amqp://renée:pâss%2Fwörd%40é%25@${host}/%2f`,
    OTEL_TRACES_EXPORTER: "none",
  };
  for (
    const [task, args, expected] of [
      ["dead_letters", [], /There are no dead letters/],
      ["doctor", [], /✓ RabbitMQ \S+ +takes the user and password/],
      ["load", ["--count=1", "--timeout=1", "--server=http://127.0.0.1:1"], /dead-lettered +0/],
    ] as const
  ) {
    const { output } = await runTask(task, args, env);
    match(output, expected, `${task}: ${output}`);
  }
});
