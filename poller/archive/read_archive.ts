import { type ArchivedMail, isDocumentId } from "@playground/shared/email";
import { callsLoopback, hasBearerToken, isLoopback } from "@playground/shared/http";
import type { ArchiveReader } from "./archive.ts";

export interface ReadArchiveOptions {
  readonly archive: ArchiveReader;
  /** The address that is listened on. */
  readonly host: string;
  readonly apiToken: string | undefined;
  /** Whether callers from other machines need not present anything. */
  readonly allowAnonymous: boolean;
}

const PATH = /^\/archive\/(?<documentId>[^/]*)$/;

/**
 * Answers `GET /archive/{documentId}`: one archived mail as JSON, without its bytes.
 *
 * Where a token is set, callers need it. Without one only this machine is answered, and only under a name of its own (see
 * {@linkcode callsLoopback}), unless the configuration lets anybody ask.
 */
export function readArchive(
  { archive, host, apiToken, allowAnonymous }: ReadArchiveOptions,
): (request: Request) => Promise<Response | undefined> {
  return async function readArchive(request) {
    const { method, headers } = request;
    const documentId = new URL(request.url).pathname.match(PATH)?.groups?.documentId;
    if (documentId === undefined) return undefined;
    if (apiToken !== undefined && !hasBearerToken(headers, apiToken)) {
      return refusal(401, "the token is missing or wrong; send Authorization: Bearer <API_TOKEN>", {
        "WWW-Authenticate": 'Bearer realm="mail-poller"',
      });
    }
    if (apiToken === undefined && !allowAnonymous) {
      if (!isLoopback(host)) {
        return refusal(
          403,
          "other machines are not answered; set API_TOKEN, or ALLOW_ANONYMOUS=true",
        );
      }
      if (!callsLoopback(request)) {
        return refusal(
          403,
          "the request calls this machine by another name than localhost; use that, or set API_TOKEN",
        );
      }
    }
    if (method !== "GET" && method !== "HEAD") {
      return refusal(405, "this path takes GET only; use that", { Allow: "GET, HEAD" });
    }
    if (!isDocumentId(documentId)) return unknownMail();
    const result = await archive.read(documentId);
    switch (result.status) {
      case "found":
        return answer(200, result.mail);
      case "unknown":
        return unknownMail();
      case "failed":
        return refusal(503, `${result.reason}; try again later`);
    }
  };
}

function unknownMail(): Response {
  return refusal(404, "the archive has no such mail; look its id up in the trace");
}

function refusal(
  status: number,
  reason: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return answer(status, { detail: `Cannot show the mail: ${reason}` }, headers);
}

function answer(
  status: number,
  body: ArchivedMail | { readonly detail: string },
  headers: Readonly<Record<string, string>> = {},
): Response {
  return Response.json(body, { status, headers: { ...headers, "Cache-Control": "no-store" } });
}
