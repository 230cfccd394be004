import { notEqual } from "node:assert/strict";
import { createServer } from "node:net";
import { integrationTest } from "@playground/shared/testing";
import { listenOn, LOOPBACK } from "./listen.ts";

integrationTest("listenOn() takes any free port when the last one is taken", async () => {
  await using first = createServer();
  await using second = createServer();
  notEqual(await listenOn(LOOPBACK, first, 65_535), await listenOn(LOOPBACK, second, 65_535));
});
