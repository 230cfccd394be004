import { deepEqual, equal, ok } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { PortFinder } from "./ports.ts";

integrationTest("find() gives the usual port or one above it, and none twice", () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  ok(new PortFinder("127.0.0.1").find(port) > port, "it is taken");
  listener.close();
  const finder = new PortFinder("127.0.0.1");
  equal(finder.find(port), port);
  const ports = [port, finder.find(port), finder.find(0), finder.find(0)];
  deepEqual([...new Set(ports)], ports);
  return Promise.resolve();
});
