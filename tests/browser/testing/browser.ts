import { deepEqual } from "node:assert/strict";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

export interface PageOptions {
  /** Where to go. @default the start page */
  readonly path?: string;
  readonly context?: BrowserContextOptions;
  /** What the browser writes to its console because of what the test does, such as an error status. @default nothing */
  readonly expected?: RegExp;
  /** Whether the test violates the page's policy, which the browser logs to its console. @default false */
  readonly isPolicyTried?: boolean;
}

/** The browser; Debian's by default. */
const CHROMIUM = "/usr/bin/chromium";

const FLAGS = [
  "--headless=new",
  "--disable-gpu",
  // A letter looks the same wherever it stands: that makes pictures small.
  "--disable-font-subpixel-positioning",
  "--disable-lcd-text",
];

export async function startBrowser(): Promise<Browser> {
  const executablePath = Deno.env.get("CHROMIUM") ?? CHROMIUM;
  try {
    return await chromium.launch({ executablePath, args: FLAGS });
  } catch (cause) {
    throw new Error(
      `Cannot start Chromium: ${executablePath} does not run; install it, or set CHROMIUM to its path`,
      { cause },
    );
  }
}

/**
 * Opens the page in a profile of its own, runs the test, and checks what must hold in every test: no error or warning was written
 * to the console, no script failed, and no request went to another origin.
 */
export async function withPage(
  browser: Browser,
  origin: URL,
  options: PageOptions,
  use: (page: Page) => Promise<void>,
): Promise<void> {
  const { path = "/", context = {}, expected, isPolicyTried = false } = options;
  await using profile = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    ...context,
  });
  const page = await profile.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(`script: ${error}`));
  page.on("console", (message) => {
    if (message.type() !== "error" && message.type() !== "warning") return;
    if (isPolicyTried || expected?.test(message.text())) return;
    problems.push(`console: ${message.text()}`);
  });
  page.on("dialog", (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("popup", (popup) => problems.push(`window: ${popup.url()}`));
  const isForeign = (address: string) => {
    const { origin: other, protocol, href } = new URL(address);
    return other !== origin.origin && protocol !== "about:" && href !== "data:," &&
      !href.startsWith("data:image/png;base64,") && !href.startsWith("data:image/svg+xml,");
  };
  page.on("request", (request) => {
    // A request that the policy stops is reported as well; only its failure shows that it was stopped.
    if (!isPolicyTried && isForeign(request.url())) problems.push(`request: ${request.url()}`);
  });
  page.on("requestfailed", (request) => {
    const reason = request.failure()?.errorText;
    if (reason !== "csp" && isForeign(request.url())) {
      problems.push(`request: ${request.url()} ${reason}`);
    }
  });
  page.on("response", (response) => {
    if (isForeign(response.url())) problems.push(`response: ${response.url()}`);
  });
  page.setDefaultTimeout(20_000);
  await page.goto(new URL(path, origin).href);
  await use(page);
  deepEqual(problems, [], problems.join("\n"));
}
