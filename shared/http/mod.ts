/**
 * What services that speak HTTP have in common: who may ask, from where, why a request failed,
 * and when to try again.
 *
 * @module
 */
export * from "./bearer_token.ts";
export * from "./failure_reason.ts";
export * from "./host.ts";
export * from "./loopback.ts";
export * from "./other_site.ts";
export * from "./retry_after.ts";
export * from "./url_credentials.ts";
