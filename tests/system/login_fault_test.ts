/**
 * A fault of the login shows at the next email, though the emailer keeps connections open that have logged in before.
 *
 * @module
 */
import { match } from "node:assert/strict";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { FaultsClient } from "@playground/tasks/clients/faults";
import { startTestSystem, traceUntil } from "../fixture/test_system.ts";

const EMAIL = {
  sender: { address: "me@example.com" },
  recipient: { address: "you@example.com" },
  subject: "Subject",
  body: "Body",
};

integrationTest("smtp.wrong-password shows at the email after one that was sent", async () => {
  await using test = await startTestSystem();
  const { client, system: { urls } } = test;
  const send = async () => {
    const posted = await client.postEmail(EMAIL);
    if (posted.status !== "accepted") throw new Error(JSON.stringify(posted));
    return posted.email.traceId;
  };
  const wasSent = await send();
  await traceUntil(client, wasSent, ({ state }) => state.name === "archived");

  await new FaultsClient(new URL(urls.faults ?? "")).set("smtp.wrong-password", {});
  await send();
  let reason = "";
  await waitFor("the emailer is not ready", async () => {
    const response = await fetch(`${urls.emailer}/readyz`);
    ({ reason } = await response.json());
    return response.status === 503;
  });
  match(reason, /535 5\.7\.0 Invalid login/);
});
