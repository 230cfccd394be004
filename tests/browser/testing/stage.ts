import type { Browser, Page } from "playwright-core";
import { type PageOptions, startBrowser, withPage } from "./browser.ts";
import { clearFaults, type DevSystem, startDevSystem } from "./dev_system.ts";

interface Scene {
  readonly page: Page;
  readonly system: DevSystem;
  readonly browser: Browser;
}

/**
 * Prepares a system and a browser, which start with the first test of the file and stop after the last one. Returns the function
 * that registers a test with them.
 */
export function setStage(settings: Readonly<Record<string, string>> = {}) {
  const resources = new AsyncDisposableStack();
  const start = async () => ({
    system: resources.use(await startDevSystem(settings)),
    browser: resources.use(await startBrowser()),
  });
  let stage: ReturnType<typeof start> | undefined;
  Deno.test.afterAll(() => resources.disposeAsync());
  return (name: string, use: (scene: Scene) => Promise<void>, options: PageOptions = {}) =>
    Deno.test({
      name,
      // Browser and system outlive the test, and so do their pipes.
      sanitizeOps: false,
      sanitizeResources: false,
      async fn() {
        stage ??= start();
        const { system, browser } = await stage;
        try {
          await withPage(
            browser,
            system.pageUrl,
            options,
            (page) => use({ page, system, browser }),
          );
        } finally {
          if (system.variables.FAULTS_URL !== undefined) await clearFaults(system);
        }
      },
    });
}
