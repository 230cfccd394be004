/**
 * Sends changes to a page as they happen.
 *
 * {@linkcode CollectorFeed} reads the collector about once a second, once for all subscribers and only while there are some.
 * Changes go into each subscriber's {@linkcode Outbox}, from which {@linkcode getEvents} writes them to the stream.
 *
 * @module
 */
export * from "./collector_feed.ts";
export * from "./events_route.ts";
export * from "./outbox.ts";
