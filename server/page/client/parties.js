/**
 * The parties of an email's journey, and the edges from each to the next.
 *
 * @module
 */
import { nameOf, PARTIES } from "@playground/shared/tracing/parties";

export { nameOf, PARTIES };

/** The actions on the edges between parties. */
export const VERBS = ["POST /email", "publish", "queue", "SMTP", "next poll", "store"];

/** The place of each party. */
export const AT = { server: 1, broker: 2, emailer: 3, mailtrap: 4, poller: 5, archive: 6 };

/** The ids of the edges, each from one party to the next. */
export const EDGES = PARTIES.slice(1).map(({ id }, way) => `${PARTIES[way]?.id}>${id}`);

/** The edges, by their first party. */
export const WAY = { request: 0, publish: 1, queue: 2, send: 3, poll: 4, store: 5 };
