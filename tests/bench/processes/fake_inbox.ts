/**
 * Mailtrap's API with an inbox in memory: it can be filled on command, and tells how long it took until it was empty. It does as
 * little as possible, so that whoever empties it is measured and not the API.
 *
 * @module
 */
import { serveCommands } from "./serve_commands.ts";

/** What the inbox shall do. */
export type InboxCommand =
  /** Have so many mails; larger ones carry an attachment. Only who has this token sees them. */
  | {
    readonly kind: "fill";
    readonly count: number;
    readonly sizeBytes: number;
    readonly token: string;
  }
  /** Tell when it is empty. */
  | { readonly kind: "drained" };

/** How long it took to empty the inbox. */
export interface InboxDrainResult {
  /** From the first list that had something to the last deletion. */
  readonly seconds: number;
}

const PAGE_SIZE = 30;
const MESSAGE = /\/messages\/(?<id>\d+)(?<raw>\/body\.eml)?$/;
const LARGE_BYTES = 100_000;

const encoder = new TextEncoder();
const receivedAt = new Date().toISOString();
let ids: number[] = [];
let nextId = 1;
let sizeBytes = 0;
let token = "";
let tail: Uint8Array<ArrayBuffer> = new Uint8Array();
let startedAt: number | undefined;
let drained = Promise.withResolvers<InboxDrainResult>();

const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
  const url = new URL(request.url);
  const message = MESSAGE.exec(url.pathname)?.groups;
  if (message === undefined) {
    const isOwner = request.headers.get("api-token") === token;
    return Response.json(isOwner ? list(url.searchParams.get("last_id")) : []);
  }
  const id = Number(message.id);
  if (request.method === "DELETE") {
    ids = ids.filter((other) => other !== id);
    if (ids.length === 0 && startedAt !== undefined) {
      drained.resolve({ seconds: (performance.now() - startedAt) / 1000 });
    }
    return Response.json({ id });
  }
  return new Response(new Blob([encoder.encode(head(id)), tail]), {
    headers: { "content-type": "message/rfc822" },
  });
});

await serveCommands((command: InboxCommand) => {
  switch (command.kind) {
    case "fill":
      ({ sizeBytes, token } = command);
      tail = encoder.encode(body(sizeBytes));
      startedAt = undefined;
      drained = Promise.withResolvers();
      ids = Array.from({ length: command.count }, () => nextId++).toReversed();
      return;
    case "drained":
      return drained.promise;
  }
}, { url: `http://127.0.0.1:${server.addr.port}` });

function list(lastId: string | null) {
  if (ids.length > 0) startedAt ??= performance.now();
  const older = lastId === null ? ids : ids.filter((id) => id < Number(lastId));
  return older.slice(0, PAGE_SIZE).map((id) => ({
    id,
    created_at: receivedAt,
    email_size: sizeBytes,
  }));
}

/** The headers that the emailer writes. */
function head(id: number): string {
  return [
    `Message-ID: <${id}-${receivedAt}@playground.invalid>`,
    "From: Me <me@example.com>",
    "To: you@example.com",
    "Subject: Something catchy",
    "Date: Wed, 25 Nov 2026 10:00:00 +0000",
    `X-Email-Id: ${crypto.randomUUID()}`,
    `X-B3-TraceId: ${crypto.randomUUID().replaceAll("-", "")}`,
    "X-B3-SpanId: b7ad6b7169203331",
    "X-B3-Sampled: 1",
    "",
  ].join("\r\n");
}

function body(bytes: number): string {
  const line = `${"x".repeat(74)}\r\n`;
  const text = line.repeat(Math.max(1, Math.floor(bytes / line.length)));
  if (bytes < LARGE_BYTES) {
    return `MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${text}`;
  }
  return [
    "MIME-Version: 1.0",
    'Content-Type: multipart/mixed; boundary="part"',
    "",
    "--part",
    "Content-Type: text/plain; charset=utf-8",
    "",
    "See the attachment.",
    "--part",
    'Content-Type: application/octet-stream; name="large.bin"',
    "Content-Transfer-Encoding: base64",
    "Content-Disposition: attachment",
    "",
    text,
    "--part--",
    "",
  ].join("\r\n");
}
