/** A client asked or sent what Zipkin does not take; the message says why in Zipkin's words, and is the 400's body. */
export class InvalidRequestError extends Error {
  /** The class, for logs. */
  override readonly name = "InvalidRequestError";
}
