import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { PortFinder } from "./ports.ts";
import { serviceEnvironments } from "./system.ts";

for (const [PORT, isKept] of [["65123", true], ["0", false]] as const) {
  integrationTest(`serviceEnvironments() ${isKept ? "keeps" : "replaces"} PORT=${PORT}`, () => {
    using ports = new PortFinder("127.0.0.1");
    const environments = serviceEnvironments({ PORT, HEALTH_PORT: "1" }, ports, true);
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
  using ports = new PortFinder("127.0.0.1");
  throws(() => serviceEnvironments({ PORT }, ports, true), /it is taken; set PORT to a free port/);
});

integrationTest("find() gives the usual port or one above it", () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  using finder = new PortFinder("127.0.0.1");
  ok(finder.find(port) > port, "it is taken");
});

integrationTest(
  "find() gives none twice, and none of another finder's until that is disposed",
  () => {
    using finder = new PortFinder("127.0.0.1");
    using other = new PortFinder("127.0.0.1");
    const usual = other.find(0);
    const ports = [usual, finder.find(usual), finder.find(usual), finder.find(0), finder.find(0)];
    deepEqual([...new Set(ports)], ports);
    throws(() => finder.reserve(usual), /it is taken/);
    other[Symbol.dispose]();
    equal(finder.reserve(usual), usual);
  },
);
