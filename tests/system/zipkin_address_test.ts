/**
 * The address that spans are posted to, where the base address of Zipkin is asked for.
 *
 * @module
 */
import { equal, match } from "node:assert/strict";
import { integrationTest, runDeno } from "@playground/shared/testing";
import { ANY_PORTS, startStandIns } from "@playground/tasks/standins";
import { isWhole, startTestSystem, traceUntil } from "../fixture/test_system.ts";

integrationTest("a ZIPKIN_URL that ends in /api/v2/spans is as good as its base", async () => {
  await using zipkin = await startStandIns(["zipkin"], ANY_PORTS);
  const { ZIPKIN_URL: base = "" } = zipkin.variables;
  const ZIPKIN_URL = `${base}/api/v2/spans`;
  await using test = await startTestSystem({ settings: { ZIPKIN_URL } });
  equal(test.system.urls.zipkin, base);
  equal(test.system.zipkinPage, base);

  const posted = await test.client.postEmail({
    sender: { address: "me@example.com" },
    recipient: { address: "you@example.com" },
    subject: "Subject",
    body: "Body",
  });
  if (posted.status !== "accepted") throw new Error(`The email is ${posted.status}`);
  const { traceId, traceUrl } = posted.email;
  equal(traceUrl, `${base}/zipkin/traces/${traceId}`);
  await traceUntil(test.client, traceId, ({ spans }) => isWhole(spans));
  const { code, output } = await runDeno(
    ["run", "-A", "tasks/trace/main.ts", traceId, "--zipkin", ZIPKIN_URL],
  );
  equal(code, 0, output);
  match(output, /schedule-email/);
});
