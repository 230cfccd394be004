import type { Context } from "@hono/hono";
import type { Deadlines } from "@playground/shared/time";
import type { ByteBudget, Reservation } from "./byte_budget.ts";
import { answerProblem, answerUnavailable } from "./problem.ts";
import type { ServerEnvironment } from "./request_tracing.ts";

export interface BodyLimits {
  /** Shared by all requests. */
  readonly budget: ByteBudget;
  /** How long a body may take to arrive: a caller that sends a byte a minute would hold its memory for ever. */
  readonly deadlines: Deadlines;
}

/** A body, whose bytes stay reserved until it is disposed, or why there is none. */
type BodyResult =
  | {
    readonly status: "read";
    readonly bytes: Uint8Array<ArrayBuffer>;
    readonly reservation: Reservation;
  }
  | BodyRefusal;

type BodyRefusal =
  | { readonly status: "encoded" }
  | { readonly status: "too-large"; readonly maxBytes: number }
  | { readonly status: "no-room" }
  | { readonly status: "stalled"; readonly timeoutMs: number };

type Read = Uint8Array<ArrayBuffer> | BodyRefusal;

/** A request's memory besides its body: objects, spans, log records. */
const REQUEST_BYTES = 8_192;
/** The first reservation for a body of unknown length. */
const FIRST_BYTES = 4_096;
/**
 * Up to this size, a body is read as a whole, which is cheaper. Deno cannot cancel that: a stalled body's bytes stay until its
 * caller leaves.
 */
const MAX_WHOLE_BYTES = 65_536;

/** The body will never be complete: its caller left or sent invalid HTTP, or the server is stopping. Deno does not say which. */
export class IncompleteBodyError extends Error {
  override readonly name = "IncompleteBodyError";
}

/**
 * Reads the body of a request.
 *
 * @throws {IncompleteBodyError} If it breaks off.
 */
export async function readBody(
  request: Request,
  maxBytes: number,
  { budget, deadlines }: BodyLimits,
): Promise<BodyResult> {
  if (isEncoded(request)) return { status: "encoded" };
  const sizeBytes = sizeOf(request);
  if (sizeBytes !== undefined && sizeBytes > maxBytes) return { status: "too-large", maxBytes };
  const reservation = budget.reserve(REQUEST_BYTES + (sizeBytes ?? FIRST_BYTES));
  if (reservation === undefined) return { status: "no-room" };
  let result: Read | undefined;
  try {
    result = sizeBytes !== undefined && sizeBytes <= MAX_WHOLE_BYTES
      ? await readWhole(request, deadlines)
      : await readPieces(request, sizeBytes ?? FIRST_BYTES, maxBytes, deadlines, reservation);
    return result instanceof Uint8Array ? { status: "read", bytes: result, reservation } : result;
  } finally {
    if (!(result instanceof Uint8Array)) reservation[Symbol.dispose]();
  }
}

/** Bodies are never unpacked: a kilobyte could become a gigabyte. */
function isEncoded({ headers }: Request): boolean {
  const encodings = headers.get("content-encoding")?.split(",") ?? [];
  return encodings.some((encoding) => !["", "identity"].includes(encoding.trim().toLowerCase()));
}

/** As announced; a chunked request announces none. */
function sizeOf({ headers }: Request): number | undefined {
  const length = headers.get("content-length");
  return length !== null && /^\d+$/.test(length) ? Number(length) : undefined;
}

/** A failure while a body arrives is the caller's connection's. */
async function arrival<Value>(reading: Promise<Value>): Promise<Value> {
  try {
    return await reading;
  } catch (cause) {
    throw new IncompleteBodyError("Cannot read the body", { cause });
  }
}

async function readWhole(request: Request, deadlines: Deadlines): Promise<Read> {
  const { timeoutMs } = deadlines;
  const stalled = Promise.withResolvers<BodyRefusal>();
  using _ = deadlines.start(() => stalled.resolve({ status: "stalled", timeoutMs }));
  const body = arrival(request.arrayBuffer()).then((buffer) => new Uint8Array(buffer));
  // After a stall, the result of the read is ignored.
  body.catch(() => {});
  return await Promise.race([body, stalled.promise]);
}

/** Copies the pieces together as they arrive: many small ones would take many times their size. */
async function readPieces(
  { body }: Request,
  firstBytes: number,
  maxBytes: number,
  deadlines: Deadlines,
  reservation: Reservation,
): Promise<Read> {
  let buffer = new Uint8Array(firstBytes);
  let sizeBytes = 0;
  let refusal: BodyRefusal | undefined;
  const reader = body?.getReader();
  const refuse = (reason: BodyRefusal) => {
    refusal = reason;
    // This ends the read, even if the caller has already left.
    reader?.cancel().catch(() => {});
  };
  const { timeoutMs } = deadlines;
  using _ = deadlines.start(() => refuse({ status: "stalled", timeoutMs }));
  while (refusal === undefined) {
    const piece = reader && (await arrival(reader.read())).value;
    if (piece === undefined) break;
    const neededBytes = sizeBytes + piece.length;
    if (neededBytes > maxBytes) refuse({ status: "too-large", maxBytes });
    else if (neededBytes > buffer.length) {
      const grownBytes = Math.min(Math.max(2 * buffer.length, neededBytes), maxBytes);
      if (!reservation.grow(grownBytes - buffer.length)) {
        refuse({ status: "no-room" });
        break;
      }
      const grown = new Uint8Array(grownBytes);
      grown.set(buffer.subarray(0, sizeBytes));
      buffer = grown;
    }
    if (refusal === undefined) buffer.set(piece, sizeBytes);
    sizeBytes = neededBytes;
  }
  return refusal ?? buffer.subarray(0, sizeBytes);
}

export function answerBodyRefusal(
  c: Context<ServerEnvironment>,
  action: string,
  refusal: BodyRefusal,
): Response {
  switch (refusal.status) {
    case "encoded":
      // RFC 9110 section 15.5.16: this names the encoding as the reason.
      return answerProblem(c, {
        status: 415,
        title: "Unsupported content encoding",
        detail: `Cannot ${action}: the request is compressed; send it without a Content-Encoding`,
        headers: { "Accept-Encoding": "identity" },
      });
    case "too-large":
      return answerProblem(c, {
        status: 413,
        title: "Request too large",
        detail: `Cannot ${action}: the request has more than ${refusal.maxBytes} bytes; send less`,
      });
    case "no-room":
      return answerUnavailable(
        c,
        "Too many requests at once",
        `Cannot ${action}: too many others are being read; send it again`,
        1,
      );
    case "stalled":
      return answerProblem(c, {
        status: 408,
        title: "Request timeout",
        detail: `Cannot ${action}: the body did not arrive within ${refusal.timeoutMs} ms; ` +
          "send it again, faster",
        headers: { Connection: "close" },
      });
  }
}
