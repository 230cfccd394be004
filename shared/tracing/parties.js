/**
 * The parties of an email's journey. The page loads this module unchanged, so it is plain JavaScript.
 *
 * ```ts
 * import { nameOf } from "@playground/shared/tracing/parties";
 *
 * console.log(nameOf("mail-poller"), nameOf("shop")); // Mail poller shop
 * ```
 *
 * @module
 */

/** The parties in the order of the journey, by the names that their services have in spans. */
export const PARTIES = /** @type {const} */ ([
  { id: "client", name: "You" },
  { id: "message-server", name: "Message server" },
  { id: "rabbitmq", name: "RabbitMQ" },
  { id: "emailer", name: "Emailer" },
  { id: "mailtrap", name: "Mailtrap" },
  { id: "mail-poller", name: "Mail poller" },
  { id: "mongodb", name: "MongoDB" },
]);

/**
 * A service's name for people; one that is not a party keeps its own.
 *
 * @param {string} service
 * @returns {string}
 */
export function nameOf(service) {
  return PARTIES.find(({ id }) => id === service)?.name ?? service;
}
