import { deepEqual } from "node:assert/strict";
import { messageOptions } from "./message.ts";
import { ConfirmedPublisher } from "./publisher.ts";

Deno.test("publish() says at once that there is no connection yet", async () => {
  using publisher = new ConfirmedPublisher(60_000);
  const outcome = await publisher.publish({
    exchange: "rpc",
    routingKey: "send.email",
    content: new Uint8Array(),
    options: messageOptions({ emailId: "1", acceptedAtSeconds: 0, appId: "test/0", headers: {} }),
  });

  deepEqual(outcome, { status: "disconnected", reason: "there is no connection" });
});
