import { once } from "node:events";
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

// `pipeline()` would do, but does not settle when a client says no more while it is answered (Deno 2.9).
async function write(socket: Socket, bytes: Uint8Array): Promise<void> {
  if (socket.write(bytes) || socket.destroyed) return;
  const gone = new AbortController();
  const stop = () => gone.abort();
  socket.once("close", stop);
  try {
    await once(socket, "drain", { signal: gone.signal });
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  } finally {
    socket.off("close", stop);
  }
}

/** What a socket throws has a code such as ECONNRESET; a bug has none. */
function isConnectionLoss(error: unknown): error is Error {
  return error instanceof Error && "code" in error && typeof error.code === "string";
}
