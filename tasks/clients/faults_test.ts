import { deepEqual } from "node:assert/strict";
import { integrationTest, serveLocally } from "@playground/shared/testing";
import { FaultsClient } from "./faults.ts";

const FOREIGN = "its answer is not the control API's";

for (
  const [what, answer, expected] of [
    ["a list", () => Response.json({ faults: [] }), { status: "ok", value: [] }],
    ["JSON", () => Response.json({ error: "?" }, { status: 404 }), {
      status: "unreachable",
      reason: FOREIGN,
    }],
    ["text", () => new Response("Hello"), { status: "unreachable", reason: FOREIGN }],
    ["a problem", () => Response.json({ title: "Not found", detail: "?" }, { status: 404 }), {
      status: "failed",
      reason: "it answered 404, Not found",
    }],
    ["500", () => new Response("Oh", { status: 500 }), {
      status: "failed",
      reason: "it answered 500",
    }],
  ] as const
) {
  integrationTest(`FaultsClient says ${expected.status} for ${what}`, async () => {
    const asked: string[] = [];
    await using server = serveLocally(({ url }) => {
      asked.push(new URL(url).pathname);
      return answer();
    });
    const client = new FaultsClient(new URL(`${server.url}/playground`));
    deepEqual(await client.list(), expected);
    deepEqual(asked, ["/playground/faults"]);
  });
}
