/**
 * What the message server and the emailer agree on at RabbitMQ: the topology, the form of a message, a connection that heals
 * itself and publishing that is known to have succeeded.
 *
 * The message server publishes to the exchange `rpc`; the binding `send.email` leads to the queue `send-email`; the emailer
 * takes from there and publishes what must wait to `send-email.retry.<delay>`, from where it returns by itself, and what
 * cannot be sent to `send-email.dead`.
 *
 * @module
 */
export * from "./connection.ts";
export * from "./measured_publisher.ts";
export * from "./message.ts";
export * from "./publisher.ts";
export * from "./topology.ts";
export * from "./traced_publisher.ts";
