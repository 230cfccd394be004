import { underBase } from "@playground/shared/configuration";
import { type ArchivedMail, archivedMail } from "@playground/shared/email";
import { failureReason, fetchWithCredentials } from "@playground/shared/http";

export type MailResult =
  | { readonly status: "found"; readonly mail: ArchivedMail }
  | { readonly status: "unknown" }
  | { readonly status: "unavailable"; readonly reason: string };

export type ReadMail = (documentId: string) => Promise<MailResult>;

/** About the poller's own time limit for its database. */
const TIMEOUT_MS = 8_000;

/** Makes the function that asks the mail poller for archived mails: only the poller has access to the database. */
export function createMailReader(
  archiveUrl: URL,
  apiToken: string | undefined,
  fetcher: typeof fetch = fetchWithCredentials(archiveUrl),
): ReadMail {
  const headers = apiToken === undefined ? undefined : { authorization: `Bearer ${apiToken}` };
  return async (documentId) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    try {
      const url = underBase(archiveUrl, `archive/${documentId}`);
      const response = await fetcher(url, { headers, signal });
      if (response.status === 200) return toResult(await response.json());
      await response.body?.cancel();
      if (response.status === 404) return { status: "unknown" };
      return unavailable(
        response.status === 401 || response.status === 403
          ? "the mail poller refused the token; set the same API_TOKEN for both"
          : `the mail poller answered ${response.status}`,
      );
    } catch (error) {
      return unavailable(
        signal.aborted
          ? `the mail poller did not answer within ${TIMEOUT_MS} ms`
          : `the mail poller cannot be asked: ${failureReason(error)}`,
      );
    }
  };
}

function toResult(body: unknown): MailResult {
  const parsed = archivedMail.safeParse(body);
  return parsed.success
    ? { status: "found", mail: parsed.data }
    : unavailable("the mail poller's answer is not an archived mail");
}

function unavailable(reason: string): MailResult {
  return { status: "unavailable", reason };
}
