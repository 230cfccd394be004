/**
 * Tells a page what is new, while it is new.
 *
 * {@linkcode CollectorFeed} reads the collector about once a second, for all who listen and only while somebody does; what has
 * changed goes into the {@linkcode Outbox} of each of them, from which {@linkcode getEvents} writes it to the stream.
 *
 * @module
 */
export * from "./collector_feed.ts";
export * from "./events_route.ts";
export * from "./outbox.ts";
