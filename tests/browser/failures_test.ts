import { deepEqual, equal, match } from "node:assert/strict";
import { waitFor } from "./testing/conditions.ts";
import {
  edge,
  node,
  sayEach,
  says,
  sendEmail,
  sendOneThat,
  sendUntil,
  untilLit,
  untilState,
} from "./testing/page_parts.ts";
import { clearFaults, setFault, untilReady } from "./testing/dev_system.ts";
import { setStage } from "./testing/stage.ts";

const test = setStage();

test("page shows an email that waits for a retry, why, and when", async ({ page }) => {
  await sendOneThat(page, "is told “try later”", "Waits 30 s before attempt 4");
  await says(
    page.locator("#state-explanation"),
    /^Attempt 3 of 6 failed: 451 try later\. Next attempt in \d+ s\.$/,
  );
  await untilLit(node(page, "mailtrap"), "failed");
  await untilLit(node(page, "rabbitmq"), "active");
  const send = edge(page, "emailer>mailtrap");
  await untilLit(send, "failed");
  equal(await send.locator(".time").textContent(), "3 failed");
  equal(await send.locator(".flag text").textContent(), "451: try later");
  deepEqual(
    await send.locator(".pip").evaluateAll((pips) => pips.map((pip) => pip.classList[1])),
    ["x", "x", "x", "o", "o", "o"],
  );
  const pills = page.locator(".wait-pill:visible");
  await sayEach(pills, ["1 s", "5 s", "30 s"]);
  equal(await pills.last().getAttribute("data-current"), "true");
  // It counts down, and the wait fills.
  const filled = () => pills.last().locator(".fill").evaluate((fill) => fill.getAttribute("width"));
  const [due, width] = [await page.locator(".due").innerText(), await filled()];
  await waitFor(async () => await page.locator(".due").innerText() !== due);
  await waitFor(async () => Number(await filled()) > Number(width));
  await page.locator("#emails li").first().filter({
    hasText: /Waits before attempt 4[\s\S]*451 try later[\s\S]*in \d+ s/,
  }).waitFor();
});

test("page shows a dead-lettered email and why", async ({ page }) => {
  await sendOneThat(page, "is refused", "Dead letter");
  await says(page.locator("#state-explanation"), /550 no such user/);
  await untilLit(edge(page, "emailer>mailtrap"), "failed");
  await untilLit(node(page, "emailer"), "failed");
  await untilLit(node(page, "mongodb"), "idle");
  await page.locator(".row.failed .says", { hasText: "550 no such user" }).first().waitFor();
  equal(await page.locator("#mail").isVisible(), false);
  match(await page.title(), /^Dead letter: [0-9a-f]{4}, Tracing Playground$/);
  const name = await page.locator(".map:visible").getAttribute("aria-label");
  match(name ?? "", /^Dead letter\. .*550 no such user/);
});

test("page says that an email is not archived when the polls fail", async ({ page, system }) => {
  await setFault(system, "mailtrap-api.reply", "500");
  await sendUntil(page, "Delivered, not archived");
  await page.locator("#state-explanation", { hasText: "The last poll failed" }).waitFor();
  await page.locator('#state[data-tone="fail"]').waitFor();
  await page.locator('#emails [data-tone="fail"] [aria-current]').waitFor();
  await page.keyboard.press("e");
  await page.getByRole("button", { name: /^Failed, \d$/ }).waitFor();
});

test("page puts complaints next to the fields, and goes to the first", async ({ page }) => {
  await sendEmail(page, {
    "sender-address": "nobody",
    "recipient-address": "a@b@c",
    subject: "",
  });
  await page.locator("#sender-address-error", { hasText: "must be one email address" }).waitFor();
  await page.locator("#recipient-address-error", { hasText: "must be one" }).waitFor();
  await page.locator("#subject-error", { hasText: "must not be empty" }).waitFor();
  equal(await page.locator("#body-error").textContent(), "");
  equal(await page.locator("#subject").getAttribute("aria-invalid"), "true");
  equal(await page.locator("#sender-address").getAttribute("spellcheck"), "false");
  await waitFor(() => page.evaluate(() => document.activeElement?.id === "sender-address"));

  await sendUntil(page, "Archived", {
    "sender-address": "alice@example.com",
    "recipient-address": "bob@example.com",
    subject: "Better",
  });
  equal(await page.locator("[aria-invalid]").count(), 0);
}, { expected: /status of 422/ });

test("page says that the broker is away; the next try is archived", async ({ page, system }) => {
  await setFault(system, "rabbitmq.refuse");
  await sendEmail(page, { "recipient-address": "patient@away.example" });
  await page.locator("#compose-status", { hasText: "Cannot accept the email" }).waitFor();
  await untilState(page, "Refused");
  await untilLit(edge(page, "message-server>rabbitmq"), "failed");
  await clearFaults(system);
  await untilReady(system);
  await sendUntil(page, "Archived");
}, { expected: /status of 503/ });
