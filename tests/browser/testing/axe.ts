import { ok } from "node:assert/strict";
import type { Page } from "playwright-core";

/** What axe-core finds, as far as it is serious; with all of its rules, or with some. */
export async function seriousProblems(
  page: Page,
  rules?: readonly string[],
): Promise<readonly string[]> {
  // Not at the top: axe-core reads the environment as soon as it is imported.
  const { default: axe } = await import("axe-core");
  // The page's policy allows no script but its own: axe comes in through the debugger.
  await page.evaluate(axe.source);
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
