import { once } from "node:events";
import type { Socket } from "node:net";
import { getLogger } from "@logtape/logtape";
import { Framing, ProtocolError } from "./wire/framing.ts";
import { encodeMessage } from "./wire/reply.ts";
import { parseRequest, type Request } from "./wire/request.ts";

const logger = getLogger(["standins", "mongodb"]);

/** Answers one command: every command of every connection passes here. */
export type Answer = (request: Request) => Promise<Uint8Array>;

export interface ConnectionOptions {
  readonly answer: Answer;
  readonly nextResponseId: () => number;
  /** Whether a fault cuts the connection instead of a command's being run. */
  readonly isCut: () => boolean;
}

/** Serves one client until it goes: one command after the other, and none before the client has taken the last answer. */
export async function serveConnection(
  socket: Socket,
  { answer, nextResponseId, isCut }: ConnectionOptions,
): Promise<void> {
  const framing = new Framing();
  try {
    for await (const chunk of socket) {
      for (const bytes of framing.push(chunk)) {
        if (isCut()) return;
        const request = parseRequest(bytes);
        const reply = await answer(request);
        if (!request.isUnanswered) {
          await write(socket, encodeMessage(request, nextResponseId(), reply));
        }
      }
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
