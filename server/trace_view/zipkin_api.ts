import { underBase } from "@playground/shared/configuration";
import { failureReason } from "@playground/shared/http";
import { z } from "zod";

/** A collector that takes longer is as good as away: somebody is waiting. */
const TIMEOUT_MS = 3_000;

const endpoint = z.object({
  serviceName: z.string().optional(),
  ipv4: z.string().optional(),
  ipv6: z.string().optional(),
  port: z.number().optional(),
});

/** The spans of a trace, as Zipkin's API answers them. */
export const zipkinSpans = z.array(z.object({
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

/** Several traces, as Zipkin's API answers a search. */
export const zipkinTraces = z.array(zipkinSpans);

/** That the collector cannot be asked, and why. */
export interface CollectorUnavailable {
  /** Tells it apart from an answer. */
  readonly status: "unavailable";
  /** Why, in words. */
  readonly reason: string;
}

/** Why the collector cannot be asked; caught within this folder. */
class CollectorError extends Error {
  override readonly name = "CollectorError";
}

/** Asks Zipkin's API (https://zipkin.io/zipkin-api/). */
export class ZipkinApi {
  readonly #baseUrl: URL;
  readonly #fetch: typeof fetch;

  constructor(baseUrl: URL, fetcher: typeof fetch = fetch) {
    this.#baseUrl = baseUrl;
    this.#fetch = fetcher;
  }

  /**
   * Asks one question.
   *
   * @throws {Error} If there is no such answer; {@linkcode orUnavailable} makes a result of it.
   */
  async get<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
  ): Promise<z.output<Schema> | undefined> {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    try {
      const response = await this.#fetch(underBase(this.#baseUrl, path), { signal });
      if (!response.ok) {
        await response.body?.cancel();
        if (response.status === 404) return undefined;
        throw new CollectorError(`the collector answered ${response.status}`);
      }
      const parsed = schema.safeParse(await response.json());
      if (!parsed.success) throw new CollectorError("the collector's answer is not Zipkin's");
      return parsed.data;
    } catch (error) {
      if (error instanceof CollectorError) throw error;
      throw new CollectorError(
        signal.aborted
          ? `the collector did not answer within ${TIMEOUT_MS} ms`
          : `the collector cannot be asked: ${failureReason(error)}`,
        { cause: error },
      );
    }
  }
}

/** Makes data of the failure that is expected: that the collector is away. */
export async function orUnavailable<Result>(
  ask: () => Promise<Result>,
): Promise<Result | CollectorUnavailable> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof CollectorError) return { status: "unavailable", reason: error.message };
    throw error;
  }
}
