/**
 * How a service starts and stops: it waits for a stop request (a signal, or the end of standard input), then disposes what it
 * holds in reverse order, within a bound. Its health is told on a port of its own. {@linkcode answerCommandLine} answers what is
 * asked of the program rather than of the service.
 *
 * @module
 */
export * from "./command_line.ts";
export * from "./health.ts";
export * from "./http_listener.ts";
export * from "./listen.ts";
export * from "./stop.ts";
export * from "./time_limit.ts";
