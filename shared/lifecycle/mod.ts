/**
 * How a service starts and stops: it waits for a stop request (a signal, or the end of standard input), then disposes its
 * resources in reverse order, within a time limit. It serves its health by HTTP. {@linkcode answerCommandLine} answers
 * `--version` and `healthcheck`.
 *
 * ```ts
 * import { runUntilStopped, serveHealth } from "@playground/shared/lifecycle";
 *
 * await using resources = new AsyncDisposableStack();
 * resources.use(serveHealth(
 *   { hostname: "127.0.0.1", port: 8081, variable: "HEALTH_PORT" },
 *   { readiness: () => ({ ready: true }), lostSpanCount: () => 0 },
 * ));
 * await runUntilStopped(resources);
 * ```
 *
 * @module
 */
export { answerCommandLine } from "./command_line.ts";
export { answerHealth, type Readiness, serveHealth } from "./health.ts";
export { HttpListener, listenOrExit, type RequestHandler } from "./http_listener.ts";
export { runUntilStopped, stopRequested } from "./stop.ts";
