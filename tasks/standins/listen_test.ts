import { notEqual } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { LOOPBACK, serveHttpOn } from "./listen.ts";

integrationTest("serveHttpOn() takes any free port when the last one is taken", async () => {
  const serve = () => serveHttpOn(LOOPBACK, 65_535, () => new Response());
  await using first = await serve();
  await using second = await serve();
  notEqual(first.url, second.url);
});
