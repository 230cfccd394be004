import { HEADER_BYTES } from "./framing.ts";
import { OP_CODE, type Request } from "./request.ts";

const AWAIT_CAPABLE = 8;

/** Encodes the message that answers a request, in the form in which the request came. */
export function encodeMessage(request: Request, responseId: number, reply: Uint8Array): Uint8Array {
  const prefixBytes = request.operation === "message" ? 5 : 20;
  const message = new Uint8Array(HEADER_BYTES + prefixBytes + reply.length);
  const view = new DataView(message.buffer);
  view.setInt32(0, message.length, true);
  view.setInt32(4, responseId, true);
  view.setInt32(8, request.requestId, true);
  if (request.operation === "message") {
    // No flags, and one section of kind 0: both are zeros already.
    view.setInt32(12, OP_CODE.message, true);
  } else {
    view.setInt32(12, OP_CODE.reply, true);
    view.setInt32(HEADER_BYTES, AWAIT_CAPABLE, true);
    // Cursor id and first document's number are zero; then the number of documents.
    view.setInt32(HEADER_BYTES + 16, 1, true);
  }
  message.set(reply, HEADER_BYTES + prefixBytes);
  return message;
}
