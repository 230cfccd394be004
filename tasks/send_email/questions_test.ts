import { deepEqual } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";

integrationTest("askForMissing() asks nothing when nothing is missing", async () => {
  // The prompts look at the environment as soon as they are imported.
  const { askForMissing } = await import("./questions.ts");
  const given = {
    from: "me@example.com",
    fromName: "Me",
    to: "you@example.com",
    subject: "Subject",
    body: "Body",
  };
  deepEqual(await askForMissing(given), given);
});
