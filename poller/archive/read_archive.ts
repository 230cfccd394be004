import { type ArchivedMail, isDocumentId } from "@playground/shared/email";
import { callsLoopback, hasBearerToken, isLoopback } from "@playground/shared/http";
import type { PollerConfiguration } from "../configuration.ts";
import type { ArchiveReader, ReadOutcome } from "./archive.ts";

/** The address to listen on, and whom to answer there. */
type AccessSettings = Pick<PollerConfiguration, "HOST" | "API_TOKEN" | "ALLOW_ANONYMOUS">;

const PATH = /^\/archive\/(?<documentId>[^/]*)$/;

/**
 * Answers `GET /archive/{documentId}`: one archived mail as JSON, without its bytes.
 *
 * If a token is set, callers need it. Without one, only this machine is answered, and only under its own names (see {@linkcode
 * callsLoopback}), unless the configuration allows anonymous callers.
 */
export function readArchive(
  archive: ArchiveReader,
  { HOST, API_TOKEN, ALLOW_ANONYMOUS }: AccessSettings,
): (request: Request) => Promise<Response | undefined> {
  return async function readArchive(request) {
    const { method, headers } = request;
    const documentId = new URL(request.url).pathname.match(PATH)?.groups?.documentId;
    if (documentId === undefined) return undefined;
    if (API_TOKEN !== undefined && !hasBearerToken(headers, API_TOKEN)) {
      return refusal(401, "the token is missing or wrong; send Authorization: Bearer <API_TOKEN>", {
        "WWW-Authenticate": 'Bearer realm="mail-poller"',
      });
    }
    if (API_TOKEN === undefined && !ALLOW_ANONYMOUS) {
      if (!isLoopback(HOST)) {
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
      return refusal(405, "this path accepts only GET; use that", { Allow: "GET, HEAD" });
    }
    const result: ReadOutcome = isDocumentId(documentId)
      ? await archive.read(documentId)
      : { status: "unknown" };
    switch (result.status) {
      case "found":
        return answer(200, result.mail);
      case "unknown":
        return refusal(404, "the archive has no such mail; look its id up in the trace");
      case "failed":
        return refusal(503, `${result.reason}; try again later`);
    }
  };
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
