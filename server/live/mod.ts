/**
 * Sends a page what is new as it happens.
 *
 * {@linkcode CollectorFeed} reads the collector about once a second, once for all subscribers and only while there are some. What
 * has changed goes into the {@linkcode Outbox} of each, from which {@linkcode getEvents} writes it to the stream.
 *
 * @module
 */
export * from "./collector_feed.ts";
export * from "./events_route.ts";
export * from "./outbox.ts";
