/**
 * A client of the message server, for the tasks: posts an email, reads its state.
 *
 * @module
 */
import type { EmailDocument } from "@playground/shared/email";
import { failureReason } from "@playground/shared/http";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import type { EmailState } from "@playground/server/trace-view";
import { z } from "zod";

export { followEmail, type FollowResult } from "./follow.ts";

const acceptedSchema = z.object({
  id: z.string(),
  messageId: z.string(),
  traceId: z.string(),
  /** Zipkin's page and the message server's; absent where there is no collector. */
  traceUrl: z.string().optional(),
  pageUrl: z.string().optional(),
});

/** An accepted email; `sampled` says whether its trace is reported. */
export type AcceptedEmail = Readonly<z.output<typeof acceptedSchema> & { sampled: boolean }>;

/** The outcome of posting an email. */
export type PostResult =
  | { readonly status: "accepted"; readonly email: AcceptedEmail }
  | {
    readonly status: "refused";
    readonly httpStatus: number;
    readonly lines: readonly string[];
    readonly traceId?: string | undefined;
    /** The span of the request, which names the email within the trace. */
    readonly spanId?: string | undefined;
  }
  | { readonly status: "unreachable"; readonly reason: string };

/** The name of a posted email: the id of an accepted one, the request of a refused one; `undefined` if the answer has neither. */
export function postedEmail(
  answer: PostResult,
): Pick<AcceptedEmail, "id" | "traceId" | "sampled"> | undefined {
  if (answer.status === "accepted") return answer.email;
  const { traceId, spanId: id } = answer.status === "refused" ? answer : {};
  return traceId === undefined || id === undefined ? undefined : { id, traceId, sampled: true };
}

/** What is known of an email. */
export type TraceResult =
  | { readonly status: "found"; readonly state: EmailState; readonly spans: readonly ZipkinSpan[] }
  /** The collector does not know the trace or the email, or not yet. */
  | { readonly status: "unknown" }
  /** The trace cannot be read. `forGood`: waiting would not help. */
  | { readonly status: "unavailable"; readonly reason: string; readonly forGood: boolean };

const problemSchema = z.object({
  title: z.string(),
  detail: z.string(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
});

/** The message server answers within this time, whatever the broker does. */
const TIMEOUT_MS = 30_000;

/** Talks to one message server. */
export class MessageServerClient {
  readonly #url: URL;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(url: URL, apiToken?: string) {
    this.#url = url;
    this.#headers = apiToken === undefined ? {} : { authorization: `Bearer ${apiToken}` };
  }

  async postEmail(
    document: EmailDocument,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<PostResult> {
    try {
      const response = await this.#fetch("/email", {
        method: "POST",
        headers: { ...headers, ...this.#headers, "content-type": "application/json" },
        body: JSON.stringify(document),
      });
      if (response.status !== 202) {
        const lines = problemLines(await response.json().catch(() => undefined));
        const hint = "Set API_TOKEN to the server's token, in the environment or in .env";
        return {
          status: "refused",
          httpStatus: response.status,
          lines: response.status === 401 ? [...lines, hint] : lines,
          traceId: response.headers.get("x-b3-traceid") ?? undefined,
          spanId: response.headers.get("x-b3-spanid") ?? undefined,
        };
      }
      const sampled = response.headers.get("x-b3-sampled") !== "0";
      return {
        status: "accepted",
        email: { ...acceptedSchema.parse(await response.json()), sampled },
      };
    } catch (error) {
      return { status: "unreachable", reason: reasonOf(error, "message server") };
    }
  }

  /** Reads what is known of an email, or of a trace, which may hold several. */
  async readTrace(traceId: string, emailId?: string): Promise<TraceResult> {
    const query = emailId === undefined ? "" : `?email=${emailId}`;
    try {
      const response = await this.#fetch(`/api/traces/${traceId}${query}`, {
        headers: this.#headers,
      });
      if (response.status === 200) return { status: "found", ...await response.json() };
      const { title, detail } = problemSchema.parse(await response.json());
      if (response.status === 404) return { status: "unknown" };
      return { status: "unavailable", reason: detail, forGood: title === "No collector" };
    } catch (error) {
      const reason = reasonOf(error, "message server");
      return { status: "unavailable", reason, forGood: false };
    }
  }

  #fetch(path: string, init: RequestInit): Promise<Response> {
    return fetch(new URL(path, this.#url), { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  }
}

/** Why a request failed. An answer of another form is not from this server. */
export function reasonOf(error: unknown, server: string): string {
  const isForeign = error instanceof SyntaxError || error instanceof z.ZodError;
  return isForeign ? `its answer is not the ${server}'s` : failureReason(error);
}

/** The lines of a problem; a proxy on the way may answer with anything else. */
function problemLines(answer: unknown): readonly string[] {
  const problem = problemSchema.safeParse(answer);
  if (!problem.success) return ["its answer is not the message server's; is the address right?"];
  const { title, detail, errors = [] } = problem.data;
  return [
    // The detail of an answer with errors only points to them, by their name in the document; a whole sentence needs no title.
    errors.length > 0 ? `${title}:` : detail.startsWith("Cannot ") ? detail : `${title}: ${detail}`,
    ...errors.map(({ pointer, detail }) => `${pointer} ${detail}`),
  ];
}
