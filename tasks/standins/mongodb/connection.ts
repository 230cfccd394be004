import type { Socket } from "node:net";
import { getLogger } from "@logtape/logtape";
import { encodeMessage, messagesIn, parseRequest, ProtocolError, type Request } from "./wire.ts";

const logger = getLogger(["standins", "mongodb"]);

/** Answers one command: every command of every connection passes here. */
export type Answer = (request: Request) => Promise<Uint8Array>;

/**
 * Serves one client until it goes or a fault cuts the connection: one command after the other, and none before the client has
 * taken the last answer.
 */
export async function serveConnection(
  socket: Socket,
  answer: Answer,
  isCut: () => boolean,
): Promise<void> {
  let responseId = 0;
  try {
    for await (const bytes of messagesIn(socket)) {
      if (isCut()) return;
      const request = parseRequest(bytes);
      const reply = await answer(request);
      responseId = (responseId + 1) | 0;
      if (!request.isUnanswered) await write(socket, encodeMessage(request, responseId, reply));
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    if (error instanceof ProtocolError) {
      logger.warn("Closed a connection: {reason}", { reason });
    } else if (Object.hasOwn(Object(error), "code")) {
      // From the socket, such as ECONNRESET; a bug has no code.
      logger.debug("A client left: {reason}", { reason });
    } else {
      logger.error("A connection failed: {error}", { error });
    }
  } finally {
    socket.destroy();
  }
}

/** Ends when more bytes may follow, or the client has gone. */
function write(socket: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    if (socket.write(bytes, () => resolve())) resolve();
  });
}
