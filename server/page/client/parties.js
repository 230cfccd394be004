/**
 * The parties that an email passes, in order, and the ways from each to the next: what people call them.
 *
 * @module
 */

/** The parties. Their ids are those of the server's diagram. */
export const PARTIES = [
  { id: "client", name: "You" },
  { id: "message-server", name: "Message server" },
  { id: "rabbitmq", name: "RabbitMQ" },
  { id: "emailer", name: "Emailer" },
  { id: "mailtrap", name: "Mailtrap" },
  { id: "mail-poller", name: "Mail poller" },
  { id: "mongodb", name: "MongoDB" },
];

/**
 * What people call a service; one that is none of the parties has its own name.
 *
 * @param {string} service
 */
export function nameOf(service) {
  return PARTIES.find(({ id }) => id === service)?.name ?? service;
}

/** What happens on the way from each party to the next. */
export const VERBS = ["POST /email", "publish", "queue", "SMTP", "next poll", "store"];

/** The place of each party on the way. */
export const AT = { server: 1, broker: 2, emailer: 3, mailtrap: 4, poller: 5, archive: 6 };

/** The ways, by the party that they begin at. */
export const WAY = { request: 0, publish: 1, queue: 2, send: 3, poll: 4, store: 5 };
