/**
 * What the message server and the emailer share for RabbitMQ: the topology, the message format, a connection that reconnects
 * automatically, and publishing with confirms.
 *
 * The message server publishes to the exchange `rpc`; the binding `send.email` leads to the queue `send-email`, which the emailer
 * consumes. An email that must wait goes to `send-email.retry.<delay>`, from where the broker routes it back; one that cannot be
 * sent goes to `send-email.dead`.
 *
 * ```ts
 * import { BrokerConnection, ConfirmedPublisher, EXCHANGE, keepTopology } from "@playground/shared/amqp";
 * import { messageOptions, ROUTING_KEY } from "@playground/shared/amqp";
 *
 * using publisher = new ConfirmedPublisher(5_000);
 * await using broker = BrokerConnection.open({
 *   urls: [new URL("amqp://guest:guest@127.0.0.1:5672")],
 *   clientName: "example",
 *   setup: async (connection) => {
 *     const channel = await connection.createConfirmChannel();
 *     await keepTopology(channel);
 *     publisher.attach(connection, channel);
 *   },
 * });
 * const outcome = await publisher.publish({
 *   exchange: EXCHANGE,
 *   routingKey: ROUTING_KEY,
 *   content: new TextEncoder().encode("{}"),
 *   options: messageOptions({ emailId: "1", acceptedAtSeconds: 0, appId: "example/1", headers: {} }),
 * });
 * console.log(broker.readiness, outcome); // "disconnected" until the broker is ready
 * ```
 *
 * @module
 */
export * from "./connection.ts";
export * from "./measured_publisher.ts";
export * from "./message.ts";
export * from "./publisher.ts";
export * from "./queue_lengths.ts";
export * from "./topology.ts";
export * from "./traced_publisher.ts";
