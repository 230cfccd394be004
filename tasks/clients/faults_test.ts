import { deepEqual, equal } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { Faults } from "@playground/tasks/faults";
import { createControlApi } from "../standins/faults/control_api.ts";
import { FaultsClient } from "./faults.ts";

/** A server for one test, and a client of it. */
async function withServer(
  basePath: string,
  answer: (request: Request) => Response | Promise<Response>,
  run: (client: FaultsClient) => Promise<void>,
): Promise<void> {
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);
  await run(new FaultsClient(new URL(basePath, `http://127.0.0.1:${server.addr.port}`)));
}

for (const basePath of ["/", "/playground", "/playground/"]) {
  integrationTest(`FaultsClient keeps the path ${basePath} of its base address`, async () => {
    using faults = new Faults({ parts: ["smtp"] });
    const api = createControlApi(faults);
    const prefix = basePath.replace(/\/$/, "");
    const answer = (request: Request) =>
      api.fetch(new Request(request.url.replace(`${prefix}/faults`, "/faults"), request));
    const paths: string[] = [];
    await withServer(basePath, (request) => {
      paths.push(new URL(request.url).pathname);
      return answer(request);
    }, async (client) => {
      equal((await client.list()).status, "ok");
      equal((await client.set("smtp.reply", { value: "452" })).status, "ok");
      equal((await client.clear("smtp.reply")).status, "ok");
      equal((await client.clearAll()).status, "ok");
    });
    deepEqual(
      paths,
      ["faults", "faults/smtp.reply", "faults/smtp.reply", "faults"].map((path) =>
        `${prefix}/${path}`
      ),
    );
  });
}

const FOREIGN = "its answer is not the control API's";
for (
  const [what, answer, status, reason] of [
    ["JSON", () => Response.json({ error: "?" }, { status: 404 }), "unreachable", FOREIGN],
    ["text", () => new Response("Hello"), "unreachable", FOREIGN],
    [
      "a problem",
      () => Response.json({ title: "Not found", detail: "Cannot find it" }, { status: 404 }),
      "failed",
      "it answered 404, Not found",
    ],
    ["500", () => new Response("Oh", { status: 500 }), "failed", "it answered 500"],
  ] as const
) {
  integrationTest(`FaultsClient says ${status} where a server answers ${what}`, async () => {
    await withServer("/", answer, async (client) => {
      deepEqual(await client.list(), { status, reason });
      deepEqual(await client.set("smtp.reply", {}), { status, reason });
    });
  });
}
