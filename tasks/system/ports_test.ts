import { equal, notEqual, ok } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { PortFinder } from "./ports.ts";

/** A port that is free, and probably the next ones as well. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

integrationTest("find() gives the usual port when it is free", () => {
  const port = freePort();
  equal(new PortFinder("127.0.0.1").find(port), port);
  return Promise.resolve();
});

integrationTest("find() gives a port above one that is taken", () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  ok(new PortFinder("127.0.0.1").find(listener.addr.port) > listener.addr.port);
  return Promise.resolve();
});

integrationTest("find() gives no port twice", () => {
  const finder = new PortFinder("127.0.0.1");
  const port = freePort();
  notEqual(finder.find(port), finder.find(port));
  notEqual(finder.find(0), finder.find(0));
  return Promise.resolve();
});
