import { equal } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { SERVICE_NAMES, SERVICES } from "@playground/tasks/system";
import { configurationReference, REFERENCE } from "./configuration_reference.ts";

integrationTest("reference.md says what the services' schemas say", async () => {
  equal(
    await Deno.readTextFile(REFERENCE),
    configurationReference(),
    "regenerate it: deno run -A tasks/configuration_reference.ts",
  );
});

for (const service of SERVICE_NAMES) {
  Deno.test(`each variable of ${service} has a description`, () => {
    for (const [name, schema] of Object.entries(SERVICES[service].variables.shape)) {
      equal((schema.description ?? "") === "", false, name);
    }
  });
}
