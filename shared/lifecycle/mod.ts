/**
 * How a service starts and stops: it waits for a stop request (a signal, or the end of standard input), then disposes what it
 * holds in reverse order, within a bound. Its health is told on a port of its own.
 *
 * @module
 */
export * from "./health.ts";
export * from "./listen.ts";
export * from "./stop.ts";
