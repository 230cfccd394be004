/**
 * Shared by the HTTP services: access control, why a request failed, and when to try again.
 *
 * ```ts
 * import { failureReason, hasBearerToken } from "@playground/shared/http";
 *
 * console.log(hasBearerToken(new Headers({ Authorization: "Bearer t0ken" }), "t0ken"));
 * await fetch("http://127.0.0.1:1/").catch((error) => console.log(failureReason(error)));
 * ```
 *
 * @module
 */
export { callsLoopback, hasBearerToken, isLoopback, isOfOtherSite } from "./access.ts";
export { calledHost, withoutBrackets } from "./access.ts";
export { failureReason, isNotPermitted, retryAfterMs } from "./failure.ts";
export { portOf, requestUrl } from "./request_url.ts";
export { fetchWithCredentials, withoutCredentials } from "./url_credentials.ts";
