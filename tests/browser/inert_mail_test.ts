import { deepEqual, equal, ok } from "node:assert/strict";
import type { Page } from "playwright-core";
import { HOSTILE_HTML, sendStrangersMail, TRAP } from "./testing/hostile_mail.ts";
import { waitFor } from "./testing/conditions.ts";
import { sendEmail, untilState } from "./testing/page_parts.ts";
import { setStage } from "./testing/stage.ts";

const { test } = setStage();

const MARKUP = `<img src=x onerror="${TRAP}=1"><script>${TRAP}=1</script>`;

const hasRun = (page: Page) => page.evaluate((name) => Reflect.has(globalThis, name), TRAP);

test("page shows a hostile subject, name and body as the text that they are", async (page) => {
  await sendEmail(page, {
    "sender-display": MARKUP,
    "recipient-display": '"><svg/onload=alert(1)>',
    subject: MARKUP,
    body: `${MARKUP}\n</pre><script>${TRAP}=1</script>`,
  });
  await untilState(page, "Archived");
  const values = page.locator("#mail-content dl.headers").first();
  await values.getByText(MARKUP, { exact: true }).first().waitFor();
  equal(
    await page.locator("#mail-content pre").textContent(),
    `${MARKUP}\n</pre><script>${TRAP}=1</script>`,
  );
  equal(await page.locator("#mail-content :is(img, script, svg)").count(), 0);
  equal(await hasRun(page), false);
});

test("page keeps the HTML of a stranger's mail inert", async (page, system) => {
  const traceId = await sendStrangersMail(system, {
    subject: MARKUP,
    displayName: MARKUP,
    html: HOSTILE_HTML,
  });
  await page.evaluate((id) => {
    location.hash = `trace=${id}`;
  }, traceId);
  await untilState(page, "Archived");
  const frame = page.locator("#mail-content iframe");
  const summary = page.locator("#mail-content summary", { hasText: "HTML part" });
  await page.locator("#mail-content :is(iframe, summary)").first().waitFor();
  if (await summary.count() > 0) await summary.click();
  await frame.waitFor();
  equal(await frame.getAttribute("sandbox"), "");

  // Looking into the frame would itself be the running of a script there.
  const found = await frame.evaluate((element) => {
    const shown = new DOMParser().parseFromString(
      element.getAttribute("srcdoc") ?? "",
      "text/html",
    );
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
  const address = page.url();
  for (let y = box.y + 10; y < box.y + box.height; y += 15) {
    for (const x of [box.x + 12, box.x + 40, box.x + 120]) await page.mouse.click(x, y);
  }
  equal(page.url(), address);
  equal(await hasRun(page), false);
});

test("page is not kept busy by the HTML of a stranger's mail", async (page) => {
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

test("page's policy and the sandbox hold without the first wall", async (page) => {
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
