import type { Socket } from "node:net";
import { pipeline } from "node:stream/promises";
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
  try {
    await pipeline(socket, (chunks) => replies(chunks, answer, isCut), socket);
  } catch (error) {
    if (error instanceof ProtocolError) {
      logger.warn("Closed a connection: {reason}", { reason: error.message });
    } else if (isConnectionLoss(error)) {
      logger.debug("A client went away: {reason}", { reason: error.message });
    } else {
      throw error;
    }
  } finally {
    socket.destroy();
  }
}

async function* replies(
  chunks: AsyncIterable<Uint8Array>,
  answer: Answer,
  isCut: () => boolean,
): AsyncGenerator<Uint8Array, void> {
  let responseId = 0;
  for await (const bytes of messagesIn(chunks)) {
    if (isCut()) return;
    const request = parseRequest(bytes);
    const reply = await answer(request);
    responseId = (responseId + 1) | 0;
    if (!request.isUnanswered) yield encodeMessage(request, responseId, reply);
  }
}

/** What a socket throws has a code such as ECONNRESET; a bug has none. */
function isConnectionLoss(error: unknown): error is Error {
  return error instanceof Error && "code" in error && typeof error.code === "string";
}
