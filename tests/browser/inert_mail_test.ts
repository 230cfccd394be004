import { deepEqual, equal, ok } from "node:assert/strict";
import { createTransport } from "nodemailer";
import type { Page } from "playwright-core";
import { waitFor } from "./testing/conditions.ts";
import { type DevSystem, report, spanOf } from "./testing/dev_system.ts";
import { HOSTILE_HTML, TRAP } from "./testing/hostile_mail.ts";
import { addressOf, sendUntil, showTrace, untilState } from "./testing/page_parts.ts";
import { setStage } from "./testing/stage.ts";

const test = setStage();

const MARKUP = `<img src=x onerror="${TRAP}=1"><script>${TRAP}=1</script>`;

const hasRun = (page: Page) => page.evaluate((name) => Reflect.has(globalThis, name), TRAP);

/**
 * Sends a mail to the stand-in of Mailtrap, as any stranger could. The mail carries a trace, and the collector gets the span of its
 * delivery, since the page shows no mail that only claims to be an email.
 */
async function sendStrangersMail(system: DevSystem): Promise<string> {
  const { variables } = system;
  const span = spanOf("emailer", { name: "emailer", tags: { outcome: "delivered" } });
  const transport = createTransport({
    host: variables.SMTP_HOST,
    port: Number(variables.SMTP_PORT),
    auth: { user: variables.MAILTRAP_USER, pass: variables.MAILTRAP_PASSWORD },
    tls: { ca: variables.SMTP_CA },
  });
  await transport.sendMail({
    from: { name: MARKUP, address: "stranger@example.com" },
    to: "bob@example.com",
    subject: MARKUP,
    html: HOSTILE_HTML,
    headers: { "X-B3-TraceId": span.traceId, "X-B3-SpanId": span.id, "X-B3-Sampled": "1" },
  });
  transport.close();
  await report(system, [span]);
  return span.traceId;
}

test("page shows a hostile subject, name and body as the text that they are", async ({ page }) => {
  const body = `${MARKUP}\n</pre><script>${TRAP}=1</script>`;
  await sendUntil(page, "Archived", {
    "sender-display": MARKUP,
    "recipient-display": '"><svg/onload=alert(1)>',
    subject: MARKUP,
    body,
  });
  const values = page.locator("#mail-content dl.headers").first();
  await values.getByText(MARKUP, { exact: true }).first().waitFor();
  equal(await page.locator("#mail-content pre").textContent(), body);
  equal(await page.locator("#mail-content :is(img, script, svg)").count(), 0);
  equal(await hasRun(page), false);
});

test("page keeps the HTML of a stranger's mail inert", async ({ page, system }) => {
  await showTrace(page, await sendStrangersMail(system));
  await untilState(page, "Archived");
  const frame = page.locator("#mail-content iframe");
  const summary = page.locator("#mail-content summary", { hasText: "HTML part" });
  await page.locator("#mail-content :is(iframe, summary)").first().waitFor();
  if (await summary.count() > 0) await summary.click();
  await frame.waitFor();
  equal(await frame.getAttribute("sandbox"), "");

  // The test cannot look into the frame: that would run a script there.
  const found = await frame.evaluate((element) => {
    const html = element.getAttribute("srcdoc") ?? "";
    const shown = new DOMParser().parseFromString(html, "text/html");
    const all = [...shown.querySelectorAll("*")];
    return {
      text: shown.body.innerText,
      elements: [...new Set(all.map(({ localName }) => localName))].sort(),
      attributes: [...new Set(all.flatMap((element) => element.getAttributeNames()))].sort(),
      policy: shown.querySelector("meta[http-equiv]")?.getAttribute("content"),
    };
  });
  for (const text of ["Visible text", "a link", "a cell", "[picture: pixel, not loaded]"]) {
    ok(found.text.includes(text), `${text} in ${found.text}`);
  }
  deepEqual(
    found.elements.filter((name) => !["html", "head", "body", "meta"].includes(name)),
    ["a", "div", "img", "p", "table", "tbody", "td", "tr"],
  );
  deepEqual(found.attributes, ["colspan", "content", "http-equiv", "name", "src", "title"]);
  equal(found.policy, "default-src 'none'; img-src data:");

  await frame.scrollIntoViewIfNeeded();
  const box = await frame.boundingBox();
  ok(box !== null);
  const address = (await addressOf(page)).href;
  for (let y = box.y + 10; y < box.y + box.height; y += 15) {
    for (const x of [box.x + 12, box.x + 40, box.x + 120]) await page.mouse.click(x, y);
  }
  equal((await addressOf(page)).href, address);
  equal(await hasRun(page), false);
});

test("page is not kept busy by the HTML of a stranger's mail", async ({ page }) => {
  const tookMs = await page.evaluate(async () => {
    const address = "/page/safe_html.js";
    const { toSafeDocument } = await import(address);
    const startedAt = performance.now();
    for (const [text, count] of [["<script ", 125_000], ["<a", 250_000]] as const) {
      toSafeDocument(text.repeat(count));
    }
    return performance.now() - startedAt;
  });
  ok(tookMs < 4_000, `${tookMs} ms`);
});

test("page's policy and the sandbox hold without the first wall", async ({ page }) => {
  const violations: string[] = [];
  await page.exposeFunction("violated", (directive: string) => violations.push(directive));
  await page.evaluate((html) => {
    addEventListener(
      "securitypolicyviolation",
      ({ effectiveDirective }) => Reflect.get(globalThis, "violated")(effectiveDirective),
    );
    const image = new Image();
    image.src = "http://attacker.invalid/pixel.png";
    const script = document.createElement("script");
    script.textContent = "globalThis.hostileMailRan = 1";
    const paragraph = document.createElement("p");
    paragraph.setAttribute("onclick", "globalThis.hostileMailRan = 1");
    paragraph.setAttribute("style", "color: red");
    const frame = document.createElement("iframe");
    frame.id = "bare";
    frame.setAttribute("sandbox", "");
    frame.srcdoc = html;
    document.body.append(image, script, paragraph, frame);
    paragraph.click();
  }, HOSTILE_HTML);
  await page.frameLocator("#bare").getByText("Visible text").waitFor();
  await waitFor(() =>
    ["img-src", "script-src-attr", "script-src-elem", "style-src-attr"].every((directive) =>
      violations.includes(directive)
    )
  );
  equal(await hasRun(page), false);
}, { isPolicyTried: true });
