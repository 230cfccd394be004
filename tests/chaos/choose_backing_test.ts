import { deepEqual, equal } from "node:assert/strict";
import { chooseBacking } from "./choose_backing.ts";

const VARIABLES = {
  TEST_AMQP_URL: "amqp://127.0.0.1:1",
  TEST_MONGODB_URL: "mongodb://127.0.0.1:2",
  TEST_ZIPKIN_URL: "http://127.0.0.1:3",
};

Deno.test("chooseBacking() has stand-ins whatever the variables say", async () => {
  deepEqual(await chooseBacking("stand-ins", VARIABLES), {
    ok: true,
    backing: { kind: "stand-ins" },
  });
});

Deno.test("chooseBacking() takes the real components that the variables name", async () => {
  deepEqual(await chooseBacking("real", VARIABLES), {
    ok: true,
    backing: {
      kind: "named",
      components: {
        amqpUrl: "amqp://127.0.0.1:1",
        mongodbUrl: "mongodb://127.0.0.1:2",
        zipkinUrl: "http://127.0.0.1:3",
      },
    },
  });
});

Deno.test("chooseBacking() says which variables are missing", async () => {
  const { TEST_ZIPKIN_URL: _, ...others } = VARIABLES;
  const result = await chooseBacking("real", others);
  equal(result.ok ? "" : result.problem, "--real needs TEST_ZIPKIN_URL; set them");
});
