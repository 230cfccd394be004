import { type Difference, labelOf, type TraceComparison } from "./compare.ts";
import type { TraceSpan } from "./description.ts";
import { treeOf } from "./span_tree.ts";

const MARKS = { missing: "-", unexpected: "+", different: "≠" } as const;
/** Above this number, only the described spans are drawn. */
const MAX_SPANS = 100;

/** Draws the expected trace beside the one that is there, with a mark at each difference. */
export function drawComparison(
  spans: readonly TraceSpan[],
  { differences, expectedOf }: TraceComparison,
): string {
  const tree = treeOf(spans);
  const marked = Map.groupBy(
    differences,
    ({ span, kind }) => kind === "missing" ? undefined : span,
  );
  const missing = Map.groupBy(marked.get(undefined) ?? [], ({ span }) => span);
  const drawn = new Set<TraceSpan>();
  const lines: [mark: string, expected: string, there: string][] = [[" ", "expected", "there"]];
  drawList([...tree.roots, ...missing.get(undefined) ?? []]);
  drawList(tree.spans); // a cycle of parents has no root
  const width = Math.max(...lines.map(([, expected]) => expected.length));
  return lines.map(([mark, expected, there]) =>
    `${mark} ${expected.padEnd(width)}  ${there}`.replaceAll(/[\s\p{Control}]/gu, " ").trimEnd()
  ).join("\n");

  function drawList(places: readonly (TraceSpan | Difference)[], guides?: string) {
    for (const [index, place] of places.entries()) {
      const isLast = index === places.length - 1;
      const branch = guides === undefined ? "" : guides + (isLast ? "└─ " : "├─ ");
      if ("text" in place) lines.push([MARKS.missing, branch + place.text[0], ""]);
      else draw(place, branch, guides === undefined ? "" : guides + (isLast ? "   " : "│  "));
    }
  }

  function draw(span: TraceSpan, branch: string, guides: string): void {
    if (drawn.has(span)) return;
    drawn.add(span);
    const expected = expectedOf.get(span);
    const own = marked.get(span) ?? [];
    if (expected !== undefined || own.length > 0 || spans.length <= MAX_SPANS) {
      const { name, localEndpoint, kind, duration = 0, tags } = span;
      const facts = [name, localEndpoint?.serviceName, kind, `${duration / 1000} ms`];
      const there = [...facts, tags?.error && "✗"].filter(Boolean).join("  ");
      const mark = own[0] ? MARKS[own[0].kind] : " ";
      lines.push([mark, expected ? branch + labelOf(expected) : "", branch + there]);
      for (const { kind, text } of own) {
        if (kind === "different") lines.push([" ", "", `${guides}   ${text[1]}`]);
      }
    }
    const below = tree.childrenOf(span).filter((child) => !drawn.has(child));
    drawList([...below, ...missing.get(span) ?? []], guides);
  }
}
