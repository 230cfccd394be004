import { deepEqual, equal } from "node:assert/strict";
import { waitFor } from "./testing/conditions.ts";
import { sendUntil } from "./testing/page_parts.ts";
import { setStage } from "./testing/stage.ts";

const test = setStage();

const EMAIL = {
  sender: { address: "alice@example.com" },
  recipient: { address: "bob@example.org" },
  subject: "From another site",
  body: "Nobody meant to send this",
};

test("the page of another site can send no email with fetch, beacon or form", async ({ page, system, browser }) => {
  const headers = { "content-type": "text/html" };
  await using site = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("<!DOCTYPE html><title>Another site</title>", { headers }),
  );
  await using stranger = await browser.newContext();
  const statuses: number[] = [];
  stranger.on("response", (response) => {
    if (response.url().endsWith("/email")) statuses.push(response.status());
  });
  const target = new URL("/email", system.pageUrl).href;
  const body = JSON.stringify(EMAIL);
  for (const host of ["localhost", "127.0.0.1"]) {
    const otherPage = await stranger.newPage();
    await otherPage.goto(`http://${host}:${site.addr.port}`);
    await otherPage.evaluate(
      ([url, json]) => fetch(url, { method: "POST", mode: "no-cors", body: new Blob([json]) }),
      [target, body] as const,
    );
    const beacon = otherPage.waitForResponse(target);
    await otherPage.evaluate(
      ([url, json]) => navigator.sendBeacon(url, new Blob([json])),
      [target, body] as const,
    );
    await beacon;
    const form = otherPage.waitForResponse(target);
    await otherPage.evaluate((url) => {
      const form = document.createElement("form");
      Object.assign(form, { action: url, method: "POST", enctype: "text/plain" });
      document.body.append(form);
      form.submit();
    }, target);
    await form;
  }
  await waitFor(() => statuses.length >= 6);
  deepEqual(statuses, Array(6).fill(403));
  await page.bringToFront();
  await sendUntil(page, "Archived");
  equal(await page.getByText("example.com").count() > 0, true);
  equal(await page.getByText("example.org").count(), 0);
});
