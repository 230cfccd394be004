import { type Context, Hono } from "@hono/hono";
import { bodyLimit } from "@hono/hono/body-limit";
import type { z } from "zod";
import { hasJson, ownHostOnly } from "../guards.ts";
import { methodNotAllowed, problem } from "../control.ts";
import { NO_LINKS, type ReadLinks } from "../page.ts";
import { type FaultName, isFaultName } from "./catalogue.ts";
import { settingSchema, UNKNOWN_FAULT } from "./fault.ts";
import type { Faults } from "./registry.ts";

/** What else the control server serves, by the first part of the path: such as the lessons. */
export type Collections = Readonly<Record<string, Hono>>;

/** A setting or an answer has a few dozen bytes. */
const MAX_BODY_BYTES = 4_096;

/**
 * The control API: lists, sets and clears faults, and says where the pages of the stand-ins are. It answers this machine only,
 * and no page of another origin can set a fault: `Host` must be a name of loopback, and a body must be `application/json`, which
 * a cross-site form cannot send.
 */
export function createControlApi(
  faults: Faults,
  links: ReadLinks = NO_LINKS,
  collections: Collections = {},
): Hono {
  const app = new Hono();
  app.use(ownHostOnly(), bodyLimit({ maxSize: MAX_BODY_BYTES, onError: tooLarge }));
  for (const [name, routes] of Object.entries(collections)) app.route(`/${name}`, routes);
  app.get("/faults", (c) => c.json({ faults: faults.list(), pages: links() }));
  app.delete("/faults", async (c) => {
    faults.clearAll();
    await faults.applied;
    return c.json({ faults: faults.list() });
  });

  app.put("/faults/:name", async (c) => {
    const name = requestedFault(c, faults);
    if (name === undefined) return unknownFault(c, "set");
    if (!hasJson(c)) {
      const detail = `Cannot set ${name}: the body is not application/json; send that`;
      return problem(c, 415, "Unsupported media type", detail);
    }
    const setting = settingSchema.safeParse(await c.req.json().catch(() => undefined));
    const result = setting.success
      ? faults.set(name, setting.data)
      : { ok: false, problem: problemIn(setting.error) } as const;
    await faults.applied;
    return result.ok
      ? c.json(result.fault)
      : problem(c, 422, "Invalid setting", `Cannot set ${name}: ${result.problem}`);
  });
  app.delete("/faults/:name", async (c) => {
    const name = requestedFault(c, faults);
    if (name === undefined) return unknownFault(c, "clear");
    const fault = faults.clear(name);
    await faults.applied;
    return c.json(fault);
  });

  app.all("/faults", (c) => methodNotAllowed(c, "GET, DELETE"));
  app.all("/faults/:name", (c) => methodNotAllowed(c, "PUT, DELETE"));
  app.notFound((c) =>
    problem(c, 404, "Not found", "Cannot answer: there is nothing here; see GET /faults")
  );
  return app;
}

function tooLarge(c: Context): Response {
  return problem(c, 413, "Too large", "Cannot answer: the body is too large; send less");
}

function requestedFault(c: Context, faults: Faults): FaultName | undefined {
  const name = c.req.param("name") ?? "";
  return isFaultName(name) && faults.has(name) ? name : undefined;
}

function unknownFault(c: Context, verb: "set" | "clear"): Response {
  const detail = `Cannot ${verb} ${c.req.param("name")}: no running stand-in has this fault; ` +
    "see GET /faults";
  return problem(c, 404, UNKNOWN_FAULT, detail);
}

function problemIn({ issues }: z.ZodError): string {
  return issues.find(({ code }) => code === "custom")?.message ??
    "the body is not a JSON object with value, probability and forMs; send one";
}
