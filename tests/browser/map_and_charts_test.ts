import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Page } from "playwright-core";
import { waitFor } from "./testing/conditions.ts";
import {
  clearFaults,
  type DevSystem,
  read,
  report,
  setFault,
  spanOf,
  untilStruck,
} from "./testing/dev_system.ts";
import { fits, isAccessible } from "./testing/looks.ts";
import { accept, addressOf, sendEmail, untilState } from "./testing/page_parts.ts";
import { setStage } from "./testing/stage.ts";

const test = setStage();

interface Call {
  readonly from: string;
  readonly to: string;
  readonly callCount: number;
}

async function untilCalled(system: DevSystem, from: string, to: string, count: number) {
  await waitFor(async () => {
    const map = await read<{ edges: readonly Call[] }>(system, "/api/explore/map");
    return map?.edges.some((edge) =>
      edge.from === from && edge.to === to && edge.callCount >= count
    ) ?? false;
  });
}

function callBetween(from: string, to: string, tags: Readonly<Record<string, string>> = {}) {
  const remoteEndpoint = { serviceName: to };
  return spanOf(from, { name: "get", kind: "CLIENT", duration: 30_000, remoteEndpoint, tags });
}

const call = (page: Page, name: RegExp) => page.locator(".call-map").getByRole("link", { name });

test("page draws the calls between services, strangers' too, and each leads to its emails", async ({ page, system }) => {
  for (let count = 0; count < 3; count++) await accept(system);
  await accept(system, "bounce+550+no@example.com");
  await report(system, [
    callBetween("shop", "message-server"),
    callBetween("a-service-with-a-rather-long-name", "shop", { error: "no" }),
  ]);
  await untilCalled(system, "emailer", "mailtrap", 4);
  await untilCalled(system, "mail-poller", "mongodb", 3);
  await untilCalled(system, "a-service-with-a-rather-long-name", "shop", 1);
  await page.getByRole("link", { name: "Explore" }).click();
  await call(page, /^Message server to RabbitMQ: 4 calls p50 .*, p95 /).waitFor();
  await call(page, /^shop to Message server: 1 call p50 30 ms, p95 30 ms$/).waitFor();
  await call(page, /^a-service-with-a-rather-long-name to shop: 1 call, 100 % failed/).waitFor();
  await isAccessible(page);

  await call(page, /^Emailer to Mailtrap: the 1 that failed$/).focus();
  await page.keyboard.press("Enter");
  await page.locator('.call-map [aria-current="true"]').waitFor();
  const filter = new URLSearchParams((await addressOf(page)).hash.slice(1));
  deepEqual([filter.get("edge"), filter.get("failed")], ["emailer>mailtrap", "true"]);
  await call(page, /^Emailer to Mailtrap: 1 call, 100 % failed/).waitFor();
  await call(page, /^Emailer to Mailtrap: the 1 that failed$/).focus();
  await page.keyboard.press("Enter");
  await call(page, /^Emailer to Mailtrap: 4 calls, 25 % failed/).waitFor();
  match((await addressOf(page)).href, /#view=explore$/);

  await fits(page);
  await page.setViewportSize({ width: 375, height: 800 });
  equal(await page.locator(".call-map").isVisible(), false);
  const row = page.locator("#service-map tr", { hasText: "Mail poller" })
    .filter({ hasText: "MongoDB" });
  await row.getByRole("link", { name: "MongoDB" }).click();
  await page.waitForURL(/edge=mail-poller%3Emongodb/);
  await isAccessible(page);
});

test("page draws no label of a call over another or over a service, however many there are", async ({ page, system }) => {
  const names = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta"];
  await report(system, names.flatMap((from) => names.map((to) => callBetween(from, to))));
  await untilCalled(system, "zeta", "zeta", 1);
  await page.getByRole("link", { name: "Explore" }).click();
  await call(page, /^zeta to zeta: /).waitFor();
  const boxes = await page.locator(".call-map :is(.call text, .service rect):visible")
    .evaluateAll((all) => all.map((part) => part.getBoundingClientRect().toJSON()));
  ok(boxes.length > 20, `${boxes.length}`);
  for (const [index, one] of boxes.entries()) {
    const over = boxes.slice(index + 1).find((other) =>
      one.left < other.right && other.left < one.right && one.top < other.bottom - 2 &&
      other.top < one.bottom - 2
    );
    equal(over, undefined, JSON.stringify([one, over]));
  }
  const crowded = page.locator(".call.crowded").first();
  await crowded.getByRole("link").first().focus();
  await crowded.locator(".calls").waitFor();
  equal(await page.locator(".call .calls:visible").count(), 1);
});

test("page counts what waits from its opening, and asks nobody for that", async ({ page, system }) => {
  const asked = new Set<string>();
  page.on("request", (request) => asked.add(new URL(request.url()).pathname));
  await setFault(system, "smtp.reply", "451");
  await sendEmail(page);
  await untilStruck(system, "smtp.reply", 2);
  await clearFaults(system);
  await untilState(page, "Archived");
  deepEqual(["/api/queues", "/page/charts.js"].filter((path) => asked.has(path)), []);
  await page.getByRole("link", { name: "Explore" }).click();
  const waiting = "Waiting in queues, since this page was opened";
  await page.getByRole("img", { name: `${waiting}: 0 emails; at most 1,` }).waitFor();
});

test("page charts what happened, in words too, and shades when a fault was on", async ({ page, system }) => {
  const chart = (label: RegExp) => page.getByRole("img", { name: label });
  await setFault(system, "smtp.reply", "451");
  await accept(system);
  // Now it waits for half a minute.
  await untilStruck(system, "smtp.reply", 3);
  await page.getByRole("link", { name: "Explore" }).click();
  await page.locator("#charts .pill", { hasText: "try later" }).waitFor();
  equal(await page.locator("#charts .shade").count() > 0, true);
  await chart(/^Accepted per second: 0.*; at most .*, \d+:\d+/).waitFor();
  await chart(/^Retries per minute: 0\.\d+; /).waitFor();
  await chart(/^Waiting in queues, since this page was opened: 1 email; at most 1/).waitFor();
  await chart(/^SMTP: p50, p95 and p99: \d.*, \d.*, \d.*; /).waitFor();
  await page.getByLabel("Hop", { exact: true }).selectOption("publish and confirm");
  await chart(/^publish and confirm: p50, p95 and p99: \d.*; /).waitFor();
  await isAccessible(page);
  await clearFaults(system);
  await fits(page);
});
