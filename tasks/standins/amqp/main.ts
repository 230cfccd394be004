import { runAlone } from "../command.ts";
import { AMQP_PORT, startAmqpBroker } from "./mod.ts";

await runAlone({
  path: "tasks/standins/amqp/main.ts",
  summary: "Embedded stand-in for RabbitMQ (AMQP 0-9-1)",
  usualPort: AMQP_PORT,
  start: startAmqpBroker,
});
