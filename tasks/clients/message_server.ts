/**
 * A client of the message server, for the tasks: posts an email, reads what became of it.
 *
 * @module
 */
export * from "./message_server_client.ts";
export * from "./follow.ts";
