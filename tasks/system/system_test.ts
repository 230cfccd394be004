import { equal, ok, throws } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
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
    return Promise.resolve();
  });
}

integrationTest("serviceEnvironments() refuses a PORT where somebody listens already", () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const PORT = String(listener.addr.port);
  throws(() => serviceEnvironments({ PORT }, true), /it is taken; set PORT to a free port/);
  return Promise.resolve();
});
