/**
 * Takes the picture of a trace in Zipkin's own page for the README: `deno task --cwd tests/browser zipkin-picture TRACE_URL`.
 *
 * It needs Chromium and a real Zipkin, since the stand-in has a page of its own: start the system with ZIPKIN_URL set, send an
 * email, and hand the address over that `deno task send-email` prints.
 *
 * @module
 */
import sharp from "sharp";
import { startBrowser } from "./testing/browser.ts";

const [traceUrl, ...others] = Deno.args;
if (traceUrl === undefined || others.length > 0 || !URL.canParse(traceUrl)) {
  console.error("Usage: deno task --cwd tests/browser zipkin-picture TRACE_URL");
  Deno.exit(2);
}

await using browser = await startBrowser();
const page = await browser.newPage({ viewport: { width: 1440, height: 620 } });
await page.goto(traceUrl);
await page.getByText("send-email").first().waitFor();
const path = new URL("../../shared/tracing/zipkin.png", import.meta.url).pathname;
await sharp(await page.screenshot()).png({ palette: true, dither: 0, effort: 10 }).toFile(path);
console.log(`Wrote ${path}`);
