import { deepEqual, ok } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { SeededRandom } from "../fixture/random.ts";
import { acceptEmail } from "../fixture/emails.ts";
import { generateRequest } from "./generated_request.ts";
import { fuzz, withFuzzedServer } from "./run.ts";

Deno.test("generateRequest() makes the same requests of the same seed", () => {
  const requestsOf = (seed: number) => {
    const random = new SeededRandom(seed);
    return Array.from({ length: 100 }, () => generateRequest(random));
  };
  deepEqual(requestsOf(1), requestsOf(1));
  ok(new Set(requestsOf(1).map(({ bytes }) => new TextDecoder().decode(bytes))).size > 90);
});

integrationTest("no generated request is answered 5xx other than 503", async () => {
  await withFuzzedServer(async (server) => {
    const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
    const { counts, failures, errors } = await fuzz(server, 2_000, seed);
    deepEqual([...failures, ...errors], [], `with the seed ${seed}`);
    for (const status of ["200", "202", "400", "415", "422"]) ok(counts.has(status), status);
    await acceptEmail(server);
  });
});
