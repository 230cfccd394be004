import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { PortFinder } from "./ports.ts";
import { serviceEnvironments } from "./system.ts";

for (const [PORT, isKept] of [["65123", true], ["0", false]] as const) {
  integrationTest(`serviceEnvironments() ${isKept ? "keeps" : "replaces"} PORT=${PORT}`, () => {
    const environments = serviceEnvironments({ PORT, HEALTH_PORT: "1" }, true);
    const { PORT: port } = environments["message-server"];
    if (isKept) equal(port, PORT);
    else ok(Number(port) > 0);
    const { HEALTH_PORT: emailer } = environments.emailer;
    const { HEALTH_PORT: poller } = environments["mail-poller"];
    equal(new Set([port, emailer, poller, "1"]).size, 4);
    equal(environments["message-server"].ARCHIVE_URL, `http://127.0.0.1:${poller}`);
  });
}

integrationTest("serviceEnvironments() refuses a PORT where somebody listens already", () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const PORT = String(listener.addr.port);
  throws(() => serviceEnvironments({ PORT }, true), /it is taken; set PORT to a free port/);
});

integrationTest("find() gives the usual port or one above it, and none twice", () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  ok(new PortFinder("127.0.0.1").find(port) > port, "it is taken");
  listener.close();
  const finder = new PortFinder("127.0.0.1");
  equal(finder.find(port), port);
  const ports = [port, finder.find(port), finder.find(0), finder.find(0)];
  deepEqual([...new Set(ports)], ports);
});
