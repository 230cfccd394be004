import type { Handler } from "@hono/hono";
import { isDocumentId } from "@playground/shared/email";
import type { MailResult, ReadMail } from "./archive_client.ts";
import { answerProblem, answerUnavailable } from "./problem.ts";
import type { ServerEnvironment } from "./request_tracing.ts";

const NO_ARCHIVE: MailResult = {
  status: "unavailable",
  reason: "no archive is configured (ARCHIVE_URL)",
};

/** `GET /api/mails/{documentId}`: a mail as it was archived. It is the sender's own content: a page must keep it inert. */
export function getMail(readMail: ReadMail | undefined): Handler<ServerEnvironment> {
  return async function getMail(c) {
    const documentId = c.req.param("documentId") ?? "";
    const result: MailResult = readMail === undefined
      ? NO_ARCHIVE
      : isDocumentId(documentId)
      ? await readMail(documentId)
      : { status: "unknown" };
    switch (result.status) {
      case "found":
        return c.json(result.mail);
      case "unknown":
        return answerProblem(c, {
          status: 404,
          title: "Unknown mail",
          detail: "Cannot show the mail: the archive does not have it; look its id up in the trace",
        });
      case "unavailable":
        return answerUnavailable(
          c,
          "Archive unavailable",
          `Cannot show the mail: ${result.reason}; try again later`,
        );
    }
  };
}
