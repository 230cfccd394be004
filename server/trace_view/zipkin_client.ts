import { attribute, type ZipkinSpan } from "@playground/shared/tracing";
import { z } from "zod";

/** The spans of an email, or why there are none. */
export type SpansResult =
  | { readonly status: "found"; readonly spans: readonly ZipkinSpan[] }
  | { readonly status: "unknown" }
  | { readonly status: "unavailable"; readonly reason: string };

/** Reads the spans of one email. */
export type ReadEmailSpans = (traceId: string) => Promise<SpansResult>;

/** A collector that takes longer is as good as away: somebody is waiting. */
const TIMEOUT_MS = 3_000;
/** How far back a poll that handled the email is looked for. */
const LOOKBACK_MS = 24 * 60 * 60 * 1000;
/** An email is handled by few polls: one, or some more when storing or deleting failed. */
const MAX_POLLS = 10;

const endpoint = z.object({
  serviceName: z.string().optional(),
  ipv4: z.string().optional(),
  ipv6: z.string().optional(),
  port: z.number().optional(),
});

const zipkinSpans = z.array(z.object({
  traceId: z.string(),
  id: z.string(),
  parentId: z.string().optional(),
  name: z.string().optional(),
  kind: z.enum(["CLIENT", "SERVER", "PRODUCER", "CONSUMER"]).optional(),
  timestamp: z.number().optional(),
  duration: z.number().optional(),
  localEndpoint: endpoint.optional(),
  remoteEndpoint: endpoint.optional(),
  tags: z.record(z.string(), z.string()).optional(),
  annotations: z.array(z.object({ timestamp: z.number(), value: z.string() })).optional(),
}));

/**
 * Makes the function that reads all spans of an email from Zipkin's API: its own trace, and from the traces of the polls the
 * spans that are about this email.
 *
 * @param zipkinUrl Base address of Zipkin.
 * @param fetcher How to fetch. @default the global `fetch`
 * @returns The function.
 */
export function createSpanReader(zipkinUrl: URL, fetcher: typeof fetch = fetch): ReadEmailSpans {
  const get = async <Schema extends z.ZodType>(
    path: string,
    schema: Schema,
  ): Promise<z.output<Schema> | undefined> => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetcher(new URL(path, zipkinUrl), { signal });
    if (!response.ok) {
      await response.body?.cancel();
      if (response.status === 404) return undefined;
      throw new Error(`the collector answered ${response.status}`);
    }
    const parsed = schema.safeParse(await response.json());
    if (!parsed.success) throw new Error("the collector's answer is not Zipkin's");
    return parsed.data;
  };

  const pollsOf = async (traceId: string): Promise<ZipkinSpan[]> => {
    const query = new URLSearchParams({
      serviceName: "mail-poller",
      annotationQuery: `${attribute.originTraceId}=${traceId}`,
      lookback: String(LOOKBACK_MS),
      limit: String(MAX_POLLS),
    });
    const polls = await get(`/api/v2/traces?${query}`, z.array(zipkinSpans)) ?? [];
    return polls.flatMap((spans) =>
      spans.filter((span) => span.traceId !== traceId && isAbout(traceId, span))
    );
  };

  return async (traceId) => {
    try {
      const own = await get(`/api/v2/trace/${traceId}`, zipkinSpans);
      if (own === undefined) return { status: "unknown" };
      return { status: "found", spans: [...own, ...await pollsOf(traceId)] };
    } catch (error) {
      return {
        status: "unavailable",
        reason: error instanceof Error ? error.message : String(error),
      };
    }
  };
}

/** A poll handles many emails at once; what is common to all of them belongs to each. */
function isAbout(traceId: string, { name, tags = {} }: ZipkinSpan): boolean {
  return name === "poll-email" || name === "fetch-inbox" ||
    tags[attribute.originTraceId] === traceId;
}
