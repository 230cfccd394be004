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
    using faults = new Faults(["smtp"]);
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

for (
  const [what, answer, reason] of [
    [
      "JSON",
      () => Response.json({ error: "nothing here" }, { status: 404 }),
      "its answer is not the control API's",
    ],
    [
      "a problem",
      () => Response.json({ title: "Not found", detail: "Cannot find it" }, { status: 404 }),
      "it answered 404, Not found",
    ],
    ["text", () => new Response("Hello"), "its answer is not the control API's"],
  ] as const
) {
  integrationTest(`FaultsClient knows a foreign server that answers ${what}`, async () => {
    await withServer("/", answer, async (client) => {
      for (
        const result of [
          await client.list(),
          await client.set("smtp.reply", {}),
          await client.clear("smtp.reply"),
        ]
      ) deepEqual(result, { status: "unreachable", reason });
    });
  });
}
