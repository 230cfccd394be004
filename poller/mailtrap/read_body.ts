import type { MailRoom } from "./inbox.ts";

export type Reading<Value> =
  | { readonly outcome: "ok"; readonly value: Value }
  | { readonly outcome: "refused"; readonly reason: string };

interface Body {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /**
   * Whether HTTP showed its end: by `Content-Length`, or by the last chunk, without which `fetch` throws. A body that ends with
   * its connection may be cut off (RFC 9112 section 8).
   */
  readonly isEndShown: boolean;
}

/** The first buffer of a body of unknown length. */
const FIRST_BYTES = 65_536;

/**
 * Reads the body of a 200, bounded while it streams. It is not decompressed: the request asks for `identity`, and a small
 * compressed body can be thousands of times its size.
 *
 * @param makeRoom Called before this many bytes in all are held; they are read only once it resolves.
 * @throws If the connection breaks, or the time limit of the request is over.
 */
export async function readBody(
  { status, headers, body }: Response,
  maxBytes: number,
  makeRoom: MailRoom["resize"] = () => {},
): Promise<Reading<Body>> {
  const refuse = async (reason: string) => {
    await body?.cancel();
    return { outcome: "refused", reason } as const;
  };
  if (status !== 200) return await refuse(`its status is ${status}`);
  const encoding = headers.get("content-encoding")?.trim().toLowerCase() ?? "identity";
  if (encoding !== "identity") return await refuse(`it is encoded as ${encoding.slice(0, 40)}`);
  const announced = contentLength(headers);
  const tooLarge = `it has more than ${maxBytes} bytes`;
  if (announced !== undefined && announced > maxBytes) return await refuse(tooLarge);

  const limitBytes = announced ?? maxBytes;
  // Into our own memory: `fetch` would allocate the body's size once more, piece by piece.
  const reader = body?.getReader({ mode: "byob" });
  let held = new ArrayBuffer(0);
  let sizeBytes = 0;
  try {
    for (let isOver = reader === undefined; !isOver && sizeBytes <= limitBytes;) {
      if (sizeBytes === held.byteLength) {
        const roomBytes = Math.min(announced ?? Math.max(2 * sizeBytes, FIRST_BYTES), limitBytes);
        await makeRoom(roomBytes);
        // One byte more distinguishes a body that is too long from one that has ended.
        held = held.transfer(roomBytes + 1);
      }
      const read = await reader?.read(new Uint8Array(held, sizeBytes));
      held = read?.value?.buffer ?? new ArrayBuffer(0);
      sizeBytes += read?.value?.length ?? 0;
      isOver = read?.done ?? true;
    }
  } finally {
    await reader?.cancel();
  }
  if (announced !== undefined && announced !== sizeBytes) {
    const reason = `it has ${sizeBytes} bytes, and Content-Length says ${announced}`;
    return { outcome: "refused", reason };
  }
  if (sizeBytes > limitBytes) return { outcome: "refused", reason: tooLarge };
  await makeRoom(sizeBytes);
  const isEndShown = announced !== undefined || isChunked(headers);
  const bytes = new Uint8Array(held.transfer(sizeBytes));
  return { outcome: "ok", value: { bytes, isEndShown } };
}

/** A repeated equal length counts once (RFC 9110 section 8.6). */
function contentLength(headers: Headers): number | undefined {
  const values = new Set(headers.get("content-length")?.split(",").map((value) => value.trim()));
  const [value = ""] = values;
  return values.size === 1 && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

function isChunked(headers: Headers): boolean {
  return headers.get("transfer-encoding")?.trim().toLowerCase() === "chunked";
}
