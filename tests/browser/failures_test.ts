import { equal, match } from "node:assert/strict";
import { edge, node, sendEmail, untilLit, untilState } from "./testing/page_parts.ts";
import { clearFaults, setFault, untilReady } from "./testing/dev_system.ts";
import { setStage } from "./testing/stage.ts";

const { test } = setStage();

test("page shows an email that waits for a retry, why, and when", async (page) => {
  await page.getByRole("button", { name: "451, try later" }).click();
  await sendEmail(page);
  await untilState(page, "Retry 3 of 5 in \\d+ s");
  equal(await page.locator("#state-explanation").innerText(), "451 server unavailable");
  await untilLit(node(page, "mailtrap"), "failed");
  await untilLit(node(page, "rabbitmq"), "active");
  const send = edge(page, "emailer>mailtrap");
  await untilLit(send, "failed");
  match(await send.locator(".time").textContent() ?? "", /✗.*×3/);
  const wait = edge(page, "rabbitmq>emailer").locator(".time");
  const before = await wait.textContent();
  match(before ?? "", /◷ [\d.]+ s/);
  await page.waitForFunction(
    ([selector, text]) =>
      [...document.querySelectorAll(selector ?? "")].some(({ textContent }) =>
        textContent?.includes("◷") && textContent !== text
      ),
    ['[data-edge="rabbitmq>emailer"] .time', before],
  );
  match(
    await page.locator("#emails li").first().innerText(),
    /Retry 3 of 5 in \d+ s[\s\S]*451 server unavailable/,
  );
});

test("page shows a dead-lettered email and why", async (page) => {
  await page.getByRole("button", { name: "550, refused" }).click();
  await sendEmail(page);
  await untilState(page, "Dead-lettered");
  match(await page.locator("#state-explanation").innerText(), /550 no such user/);
  await untilLit(edge(page, "emailer>mailtrap"), "failed");
  await untilLit(node(page, "emailer"), "failed");
  await untilLit(node(page, "mongodb"), "idle");
  await page.locator(".row.failed .error", { hasText: "550 no such user" }).first().waitFor();
  equal(await page.locator("#mail").isVisible(), false);
});

test(
  "page puts the server's complaints next to the fields, and goes to the first",
  async (page) => {
    await sendEmail(page, {
      "sender-address": "nobody",
      "recipient-address": "a@b@c",
      subject: "",
    });
    await page.locator("#sender-address-error", { hasText: "must be one email address" }).waitFor();
    await page.locator("#recipient-address-error", { hasText: "must be one" }).waitFor();
    await page.locator("#subject-error", { hasText: "must not be empty" }).waitFor();
    equal(await page.locator("#body-error").innerText(), "");
    equal(await page.locator("#subject").getAttribute("aria-invalid"), "true");
    equal(await page.evaluate(() => document.activeElement?.id), "sender-address");

    await sendEmail(page, {
      "sender-address": "alice@example.com",
      "recipient-address": "bob@example.com",
      subject: "Better",
    });
    await untilState(page, "Archived");
    equal(await page.locator("[aria-invalid]").count(), 0);
  },
  { expectedStatuses: [422] },
);

test("page says that the broker is away, and archives the next try once", async (page, system) => {
  await setFault(system, "rabbitmq.refuse");
  await sendEmail(page, { "recipient-address": "patient@away.example" });
  await page.locator("#compose-status", { hasText: "Cannot accept the email" }).waitFor();
  await untilState(page, "Refused");
  await untilLit(edge(page, "message-server>rabbitmq"), "failed");
  await clearFaults(system);
  await untilReady(system);
  await sendEmail(page);
  await untilState(page, "Archived");
}, { expectedStatuses: [503] });
