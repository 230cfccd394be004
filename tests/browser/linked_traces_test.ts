import { equal } from "node:assert/strict";
import { clearFaults, setFault, untilStruck } from "./testing/dev_system.ts";
import {
  addressOf,
  node,
  rowsOf,
  says,
  sendEmail,
  untilLit,
  untilRows,
  untilState,
} from "./testing/page_parts.ts";
import { setStage } from "./testing/stage.ts";

const test = setStage({ TRACE_RETRIES: "link", RETRY_DELAYS: "4s" });

test("page leads from a retry to the trace that continues it, and back", async ({ page, system }) => {
  await setFault(system, "smtp.reply", "451");
  await sendEmail(page);
  await untilStruck(system, "smtp.reply");
  await clearFaults(system);
  await untilState(page, "Archived");
  await untilLit(node(page, "mongodb"), "done");
  await untilRows(page, "schedule-email", "poll-email");
  await rowsOf(page, "emailer").nth(1).waitFor();
  await page.locator("#waterfall .row.orphan").waitFor({ state: "detached" });
  equal(await page.locator(".crossing").count(), 1);
  equal(await rowsOf(page, "emailer").count(), 2);

  const details = page.locator("#span-details");
  const linked = details.locator(".linked");
  await rowsOf(page, "amqp-retry").click();
  await says(linked, /^Continues in emailer of attempt 2 in another trace$/);
  await linked.getByRole("button").click();
  await details.getByRole("heading", { name: "emailer" }).waitFor();
  await says(linked, /^Continues amqp-retry of attempt 1 in another trace$/);
  await linked.getByRole("button").click();
  await details.getByRole("heading", { name: "amqp-retry" }).waitFor();

  // The same for a step of a poll.
  await rowsOf(page, "store-message").click();
  await says(linked, /^Continues emailer of attempt 2 in another trace$/);

  const first = (await addressOf(page)).href;
  await rowsOf(page, "emailer").nth(1).click();
  const last = await details.locator(".ids .mono").last().innerText();
  equal(first.includes(last), false);
  // The address of the last trace shows the same email, and an audience sees each attempt.
  await page.goto(`${new URL(first).origin}/#trace=${last}`);
  await page.reload();
  await untilState(page, "Archived");
  equal(await rowsOf(page, "schedule-email").count(), 1);
  await page.keyboard.press("p");
  equal(await rowsOf(page, "emailer").count(), 2);
});
