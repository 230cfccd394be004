import { deepEqual, ok } from "node:assert/strict";
import axe from "axe-core";
import type { Page } from "playwright-core";

/** From small phones to large screens; the layout changes at 700, 1220 and 1400. */
const WIDTHS = [320, 375, 700, 768, 1000, 1220, 1280, 1440, 1920];

/**
 * Checks the accessibility in light and in dark colours, at these widths or at that of the open window. Afterwards the page is dark,
 * and nothing in it moves.
 */
export async function isAccessible(page: Page, widths?: readonly number[]): Promise<void> {
  const { width, height } = page.viewportSize() ?? { width: 1280, height: 900 };
  for (const each of widths ?? [width]) {
    await page.setViewportSize({ width: each, height });
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    deepEqual(await seriousProblems(page), []);
    // Only the contrast can differ in dark colours.
    await page.emulateMedia({ colorScheme: "dark" });
    deepEqual(await seriousProblems(page, ["color-contrast"]), []);
  }
}

/** Checks that nobody has to scroll sideways. */
export async function fits(page: Page): Promise<void> {
  const height = page.viewportSize()?.height ?? 800;
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height });
    // Components that measure their room are drawn again some frames later.
    const fits = await page.waitForFunction(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return scrollWidth === clientWidth;
    }).then(() => true, () => false);
    ok(fits, `Something is wider than ${width} pixels`);
  }
}

/** The serious findings of axe-core, with all or some of its rules. */
async function seriousProblems(page: Page, rules?: readonly string[]): Promise<readonly string[]> {
  // The page's policy allows only its own scripts, so axe is loaded through the debugger.
  await page.evaluate(axe.source);
  // It does not know that a dialog lies above everything.
  await page.evaluate(() => {
    for (const dialog of document.querySelectorAll("dialog")) dialog.style.zIndex = "99";
  });
  const { passes, violations }: {
    readonly passes: readonly unknown[];
    readonly violations: readonly {
      readonly id: string;
      readonly impact?: string | null;
      readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
    }[];
  } = await page.evaluate(
    (rules) =>
      Reflect.get(globalThis, "axe").run(document, rules === undefined ? {} : { runOnly: rules }),
    rules,
  );
  ok(passes.length >= (rules?.length ?? 10), "axe has looked at the page");
  return violations.filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`)
    );
}
