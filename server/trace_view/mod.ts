/**
 * What is known of one email, read back from the collector: both traces joined, and the state that they tell of. The server
 * keeps no state of its own; whatever it says here, it has from the spans.
 *
 * @module
 */
export * from "./email_state.ts";
export * from "./zipkin_client.ts";
