/**
 * What services that speak HTTP have in common: who may ask, from where, and why a request failed.
 *
 * @module
 */
export * from "./bearer_token.ts";
export * from "./failure_reason.ts";
export * from "./loopback.ts";
