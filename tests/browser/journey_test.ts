import { deepEqual, equal, match } from "node:assert/strict";
import { waitFor } from "./testing/conditions.ts";
import {
  accept,
  addressOf,
  edge,
  node,
  rowsOf,
  sendEmail,
  sendUntil,
  showTrace,
  untilLit,
  untilRows,
  untilState,
} from "./testing/page_parts.ts";
import { setStage } from "./testing/stage.ts";

const test = setStage();

test("page shows an email on its way from the form to the archive", async ({ page }) => {
  await sendEmail(page, { subject: "Grüße 👋", body: "First line\nsecond line" });
  await page.locator("#compose-status", { hasText: "Accepted (202)" }).waitFor();
  match((await addressOf(page)).href, /#trace=[0-9a-f]{32}&email=[0-9a-f-]{36}$/);
  await untilLit(node(page, "message-server"), "done");
  await untilState(page, "Archived");

  for (const id of ["client", "rabbitmq", "emailer", "mailtrap", "mail-poller", "mongodb"]) {
    await untilLit(node(page, id), "done");
  }
  match(
    await edge(page, "mailtrap>mail-poller").locator(".time").textContent() ?? "",
    /^(?:< 1|[\d.]+) [mµ]?s$/,
  );
  await untilRows(page, "schedule-email", "amqp-publish", "emailer", "send-email", "archive-email");
  // The poll's trace is in the same picture.
  await untilRows(page, "poll-email");
  equal(await page.locator(".crossing").count(), 1);

  await page.locator("#mail-content pre", { hasText: "First line\nsecond line" }).waitFor();
  await page.locator("#mail-content dd", { hasText: "Grüße 👋" }).first().waitFor();
  const href = await page.locator("#trace-link").getAttribute("href");
  match(href ?? "", /^http:\/\/127\.0\.0\.1:\d+\/zipkin\/traces\/[0-9a-f]{32}$/);

  // The edge of the row under the pointer.
  await rowsOf(page, "send-email").hover();
  await edge(page, "emailer>mailtrap").and(page.locator(".marked")).waitFor();
});

test("page lists the recent emails, and shows the one that is chosen", async ({ page }) => {
  await sendEmail(page, { "recipient-address": "first@one.example" });
  await page.locator("#emails li", { hasText: "one.example" }).first().waitFor();
  await sendEmail(page, { "recipient-address": "second@two.example" });
  const second = page.locator("#emails li", { hasText: "two.example" }).first();
  await second.getByText("Archived").waitFor();
  const first = page.locator("#emails li", { hasText: "one.example" }).first();
  await first.getByText("Archived").waitFor();
  const order = (await page.locator("#emails .domain").allTextContents()).slice(0, 2);
  deepEqual(order, ["two.example", "one.example"]);

  await first.locator("a").click();
  equal((await addressOf(page)).hash, await first.locator("a").getAttribute("href"));
  await page.locator("#journey .facts", { hasText: "one.example" }).waitFor();
  await untilState(page, "Archived");
  equal(await first.locator("a").getAttribute("aria-current"), "true");
  equal(await second.locator("a").getAttribute("aria-current"), null);
});

test("page shows each email of a trace, of 64 bits in either spelling, and goes from one to the next", async ({ page, system }) => {
  const traceId = "b7ad6b7169203331";
  const caller = {
    "X-B3-TraceId": traceId,
    "X-B3-SpanId": "00000000000000a1",
    "X-B3-Sampled": "1",
  };
  await accept(system, "bounce+550+no+such+user@dead.example", caller);
  await accept(system, "you@good.example", caller);
  for (const domain of ["dead.example", "good.example"]) {
    await page.locator("#emails li", { hasText: domain }).waitFor();
  }
  for (const id of [traceId, traceId.padStart(32, "0")]) {
    await showTrace(page, id);
    await untilState(page, "Dead letter");
    const emails = page.locator("#trace-emails li");
    const [dead, good] = ["dead.example", "good.example"].map((hasText) =>
      emails.filter({ hasText })
    );
    await good?.getByText("Archived").waitFor();
    deepEqual([await dead?.count(), await good?.count()], [1, 1]);
    equal(await dead?.locator("a").getAttribute("aria-current"), "true");
    await good?.locator("a").click();
    await untilState(page, "Archived");
    equal(await rowsOf(page, "emailer").count(), 1);
    equal(await good?.locator("a").getAttribute("aria-current"), "true");
    equal(await dead?.locator("a").getAttribute("aria-current"), null);
    const recent = page.locator("#emails li", { hasText: "good.example" }).locator("a");
    equal(await recent.getAttribute("aria-current"), "true");
  }
});

test("page tells a screen reader each state once, without the seconds", async ({ page }) => {
  const said: string[] = [];
  await page.exposeFunction("heard", (text: string) => said.push(text));
  await page.evaluate(() => {
    const announcement = document.getElementById("announcement");
    if (announcement === null) throw new Error("no announcement");
    new MutationObserver(() => Reflect.get(globalThis, "heard")(announcement.textContent))
      .observe(announcement, { childList: true, characterData: true, subtree: true });
  });
  await sendUntil(page, "Archived");
  await waitFor(() => said.at(-1) === "Archived. MongoDB has it.");
  equal(new Set(said).size, said.length, said.join("; "));
  // The example stands still: it says nothing between.
}, { context: { reducedMotion: "reduce" } });

test("page paints its shell without waiting for the API", async ({ page }) => {
  await page.route("**/api/**", () => {/* never answered */});
  await page.reload({ waitUntil: "load" });
  await page.locator("#send").waitFor();
  equal(await page.locator("#collector").innerText(), "Connecting …");
  await page.locator(".replay .pill", { hasText: "Example" }).waitFor();
});
