import { sleep } from "@playground/shared/time";
import type { HttpProxy } from "../fixture/http_proxy.ts";
import type { ApiAnswer } from "./faults.ts";

/** Each so many-th request fails where not all do: what a poll has begun must survive it. */
const EVERY = 3;

const SLOW_MS = 700;

/** What a proxy on the way may say in the API's place, with a status that means success. */
const GARBAGE = "<!doctype html><title>Welcome</title><p>Please sign in to use this network.";

export function apiFault(
  answer: ApiAnswer,
  signal: AbortSignal,
): Parameters<HttpProxy["intercept"]>[0] {
  switch (answer) {
    case "429":
      return () =>
        Response.json({ errors: "Rate limit exceeded" }, {
          status: 429,
          headers: { "retry-after": "1" },
        });
    case "500":
      return sometimes(() => Response.json({ error: "Internal server error" }, { status: 500 }));
    case "garbage":
      return sometimes(() => new Response(GARBAGE, { headers: { "content-type": "text/html" } }));
    case "slow":
      return async () => {
        await sleep(SLOW_MS, signal);
        return undefined;
      };
  }
}

function sometimes(answer: () => Response): () => Response | undefined {
  let requestCount = 0;
  return () => ++requestCount % EVERY === 0 ? answer() : undefined;
}
