import { serveLocally } from "@playground/shared/testing";
import { rejectOnAbort } from "../context.ts";
import { startCollectorSink } from "./sinks.ts";

export const POLL_CONCURRENCY = 8;
const PAGE_SIZE = 30;
const MESSAGE = /\/messages\/(?<id>\d+)(?:\/body\.eml)?$/;
const LARGE_BYTES = 100_000;

const encoder = new TextEncoder();
const receivedAt = new Date().toISOString();

/** Mailtrap's API with an inbox in memory. It does as little as possible, so that its client is measured, not the API. */
export function startInbox(resources: AsyncDisposableStack, signal: AbortSignal) {
  let ids: number[] = [];
  let nextId = 1;
  let sizeBytes = 0;
  let owner = "";
  let tail: Uint8Array<ArrayBuffer> = new Uint8Array();
  let startedAtMs: number | undefined;
  let drained = Promise.withResolvers<number>();
  const aborted = rejectOnAbort(signal);

  const { url } = resources.use(serveLocally((request) => {
    const url = new URL(request.url);
    const message = MESSAGE.exec(url.pathname)?.groups;
    if (message === undefined) {
      if (request.headers.get("api-token") !== owner) return Response.json([]);
      if (ids.length > 0) startedAtMs ??= performance.now();
      return Response.json(pageOf(ids, url.searchParams.get("last_id"), sizeBytes));
    }
    const id = Number(message.id);
    if (request.method === "GET") return new Response(new Blob([head(id), tail]));
    ids = ids.filter((other) => other !== id);
    if (ids.length === 0 && startedAtMs !== undefined) {
      drained.resolve((performance.now() - startedAtMs) / 1000);
    }
    return Response.json({ id });
  }));
  const collector = startCollectorSink(resources);
  return {
    url,
    /** Adds mails, which only a client with this token sees. Larger ones carry an attachment. */
    fill(token: string, count: number, bytes: number) {
      owner = token;
      sizeBytes = bytes;
      tail = encoder.encode(body(bytes));
      startedAtMs = undefined;
      drained = Promise.withResolvers();
      ids = Array.from({ length: count }, () => nextId++).toReversed();
    },
    /** Resolves when it is empty, with the seconds from the first list that had something to the last deletion. */
    drained: () => Promise.race([drained.promise, aborted]),
    pollerEnvironment: (mongodbUrl: string, token: string) => ({
      MONGODB_URL: mongodbUrl,
      ZIPKIN_URL: collector.url,
      MAILTRAP_URL: url,
      MAILTRAP_BOXID: "1",
      MAILTRAP_TOKEN: token,
      POLL_CONCURRENCY: String(POLL_CONCURRENCY),
      POLL_INTERVAL_SECONDS: "1",
    }),
  };
}

function pageOf(ids: readonly number[], lastId: string | null, sizeBytes: number) {
  const older = lastId === null ? ids : ids.filter((id) => id < Number(lastId));
  const page = older.slice(0, PAGE_SIZE);
  return page.map((id) => ({ id, created_at: receivedAt, email_size: sizeBytes }));
}

function head(id: number): string {
  return `Message-ID: <${id}-${receivedAt}@playground.invalid>\r
From: Me <me@example.com>\r
To: you@example.com\r
Subject: Something catchy\r
Date: Wed, 25 Nov 2026 10:00:00 +0000\r
X-Email-Id: ${crypto.randomUUID()}\r
X-B3-TraceId: ${crypto.randomUUID().replaceAll("-", "")}\r
X-B3-SpanId: b7ad6b7169203331\r
X-B3-Sampled: 1\r
MIME-Version: 1.0\r
`;
}

function body(bytes: number): string {
  const line = `${"x".repeat(74)}\r\n`;
  const text = line.repeat(Math.max(1, Math.floor(bytes / line.length)));
  if (bytes < LARGE_BYTES) return `Content-Type: text/plain; charset=utf-8\r\n\r\n${text}`;
  return `Content-Type: multipart/mixed; boundary="part"\r
\r
--part\r
Content-Type: text/plain; charset=utf-8\r
\r
See the attachment.\r
--part\r
Content-Type: application/octet-stream; name="large.bin"\r
Content-Transfer-Encoding: base64\r
Content-Disposition: attachment\r
\r
${text}\r
--part--\r
`;
}
