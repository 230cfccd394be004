import { deepEqual } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { Faults } from "@playground/tasks/faults";
import { createControlApi } from "../standins/faults/control_api.ts";
import { FaultsClient } from "./faults.ts";

/** Serves for one test. */
async function withServer(
  answer: (request: Request) => Response | Promise<Response>,
  run: (origin: string) => Promise<void>,
): Promise<void> {
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);
  await run(`http://127.0.0.1:${server.addr.port}`);
}

for (const path of ["", "/", "/playground", "/playground/"]) {
  integrationTest(`FaultsClient keeps the path "${path}" of its base address`, async () => {
    using faults = new Faults(["smtp"]);
    const api = createControlApi(faults);
    const prefix = path.replace(/\/$/, "");
    await withServer((request) => {
      const { origin, pathname } = new URL(request.url);
      if (!pathname.startsWith(`${prefix}/faults`)) return new Response(null, { status: 500 });
      return api.fetch(new Request(origin + pathname.slice(prefix.length), request));
    }, async (origin) => {
      const client = new FaultsClient(new URL(origin + path));
      const answers = [
        await client.list(),
        await client.set("smtp.reply", { value: "452" }),
        await client.clear("smtp.reply"),
        await client.clearAll(),
      ];
      deepEqual(answers.map(({ status }) => status), ["ok", "ok", "ok", "ok"]);
    });
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
    await withServer(answer, async (origin) => {
      const client = new FaultsClient(new URL(origin));
      deepEqual(await client.list(), { status, reason });
      deepEqual(await client.set("smtp.reply", {}), { status, reason });
    });
  });
}
