/** The parties of an email's journey, in order, and the edges from each to the next, with their labels. */

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

/** A service's label; one that is not a party keeps its own name. @param {string} service */
export function nameOf(service) {
  return PARTIES.find(({ id }) => id === service)?.name ?? service;
}

/** The actions on the edges between parties. */
export const VERBS = ["POST /email", "publish", "queue", "SMTP", "next poll", "store"];

/** The place of each party. */
export const AT = { server: 1, broker: 2, emailer: 3, mailtrap: 4, poller: 5, archive: 6 };

/** The ids of the edges, each from one party to the next. */
export const EDGES = PARTIES.slice(1).map(({ id }, way) => `${PARTIES[way]?.id}>${id}`);

/** The edges, by their first party. */
export const WAY = { request: 0, publish: 1, queue: 2, send: 3, poll: 4, store: 5 };
