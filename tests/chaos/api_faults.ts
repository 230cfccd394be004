import { sleep } from "@playground/shared/time";
import type { Intercept } from "../fixture/proxies.ts";
import type { ApiAnswer } from "./faults.ts";

/** Each so many-th request fails where not all do: what a poll has begun must survive it. */
const EVERY = 3;

const SLOW_MS = 700;

/** What a proxy in between may say in the API's place, with a status that means success. */
const GARBAGE = "<!doctype html><title>Welcome</title><p>Please sign in to use this network.";

/** What a gateway may say in a mail's place, with a status that means success. */
const NO_MAILS: readonly (() => Response)[] = [
  () => textAnswer("Service temporarily unavailable", "text/plain"),
  () => textAnswer("Error: Service unavailable", "text/plain"),
  () => textAnswer("", "message/rfc822"),
  () => new Response(null, { status: 204 }),
  () => textAnswer(GARBAGE),
  () => textAnswer('{"status":503}', "application/problem+json"),
];

/** How an answer may be half of one: it says so, it is taken for a whole one, or the connection breaks. */
const HALVES: readonly ((whole: Response) => Promise<Response>)[] = [
  async (whole) => new Response(await halfOf(whole), { status: 206, headers: MAIL_TYPE }),
  async (whole) => new Response(await halfOf(whole), { headers: MAIL_TYPE }),
  async (whole) =>
    new Response(new Blob([await halfOf(whole)]).stream(), { headers: whole.headers }),
];
const MAIL_TYPE = { "content-type": "message/rfc822" };

export function apiFault(
  answer: ApiAnswer,
  signal: AbortSignal,
): Intercept {
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
    case "a success that is no mail":
      return inTurn(NO_MAILS.map((noMail) => () => Promise.resolve(noMail())));
    case "half a mail":
      return inTurn(HALVES.map((half) => async (forward) => {
        const whole = await forward();
        return whole.ok ? await half(whole) : whole;
      }));
  }
}

function sometimes(answer: () => Response): () => Response | undefined {
  let requestCount = 0;
  return () => ++requestCount % EVERY === 0 ? answer() : undefined;
}

/** Answers requests for mails, in one way after the other. */
function inTurn(
  ways: readonly ((forward: () => Promise<Response>) => Promise<Response>)[],
): Intercept {
  let count = 0;
  return ({ url }, forward) =>
    url.endsWith("/body.eml") ? ways[count++ % ways.length]?.(forward) : undefined;
}

/** In bytes: of a text, `Response` says a type by itself. */
function textAnswer(text: string, type?: string): Response {
  const headers = new Headers(type === undefined ? [] : [["content-type", type]]);
  return new Response(new TextEncoder().encode(text), { headers });
}

async function halfOf(whole: Response): Promise<Uint8Array<ArrayBuffer>> {
  const mail = await whole.bytes();
  return mail.slice(0, Math.floor(mail.length / 2));
}
