import type { Browser, Page } from "playwright-core";
import { type PageOptions, startBrowser, withPage } from "./browser.ts";
import { clearFaults, type DevSystem, startDevSystem } from "./dev_system.ts";

const NEEDED: readonly Deno.PermissionDescriptor[] = [
  { name: "run" },
  { name: "read" },
  { name: "write" },
  { name: "env" },
  { name: "net" },
];

const isAllowed = NEEDED.every((permission) =>
  Deno.permissions.querySync(permission).state === "granted"
);

export interface Stage {
  readonly test: (
    name: string,
    use: (page: Page, system: DevSystem) => Promise<void>,
    options?: PageOptions,
  ) => void;
}

/**
 * Sets a stage: the system and the browser start before the first test of the file and stop after the last one.
 */
export function setStage(settings: Readonly<Record<string, string>> = {}): Stage {
  let system: DevSystem | undefined;
  let browser: Browser | undefined;
  if (isAllowed) {
    Deno.test.beforeAll(async () => {
      system = await startDevSystem(settings);
      browser = await startBrowser();
    });
    Deno.test.afterAll(async () => {
      await browser?.close();
      await system?.[Symbol.asyncDispose]();
    });
  }
  return {
    test: (name, use, options = {}) =>
      Deno.test({
        name: isAllowed ? name : `${name} (run: deno task test:browser)`,
        ignore: !isAllowed,
        // Browser and system outlive the test, and so do their pipes.
        sanitizeOps: false,
        sanitizeResources: false,
        async fn() {
          if (system === undefined || browser === undefined) {
            throw new Error("The stage is not set");
          }
          const running = system;
          try {
            await withPage(browser, running.pageUrl, options, (page) => use(page, running));
          } finally {
            if (running.variables.FAULTS_URL !== undefined) await clearFaults(running);
          }
        },
      }),
  };
}
