import { type DescribedTrace, type Difference, labelOf } from "./compare.ts";
import type { TraceSpan } from "./description.ts";
import { treeOf } from "./span_tree.ts";

const MARKS = { missing: "-", unexpected: "+", different: "≠" } as const;
/** Above this number, only the described spans are drawn. */
const MAX_SPANS = 100;
/** The lines to the left are cut to this many characters: a chain of spans may be long. */
const MAX_GUIDES_LENGTH = 60;

interface Visit {
  readonly place: TraceSpan | Difference;
  readonly branch: string;
  /** The lines before what is below it. */
  readonly guides: string;
}

/** Draws the expected trace beside the one that is there, with a mark at each difference. */
export function drawDifferences(
  spans: readonly TraceSpan[],
  { differences, expectedOf }: DescribedTrace,
): string {
  const tree = treeOf(spans);
  const marked = Map.groupBy(
    differences,
    ({ span, kind }) => kind === "missing" ? undefined : span,
  );
  const missing = Map.groupBy(marked.get(undefined) ?? [], ({ span }) => span);
  const drawn = new Set<TraceSpan>();
  const lines: [mark: string, expected: string, there: string][] = [[" ", "expected", "there"]];
  // With an explicit stack: a chain of spans may be deeper than the engine's stack.
  const stack: Visit[] = [];
  put(tree.spans); // a cycle of parents has no root
  put([...tree.roots, ...missing.get(undefined) ?? []]);
  for (let visit = stack.pop(); visit !== undefined; visit = stack.pop()) {
    const { place, branch, guides } = visit;
    if ("text" in place) lines.push([MARKS.missing, branch + place.text[0], ""]);
    else draw(place, branch, guides);
  }
  const width = Math.max(...lines.map(([, expected]) => expected.length));
  return lines.map(([mark, expected, there]) =>
    `${mark} ${expected.padEnd(width)}  ${there}`.replaceAll(/[\s\p{Control}]/gu, " ").trimEnd()
  ).join("\n");

  function put(places: readonly Visit["place"][], guides?: string): void {
    const last = places.at(-1);
    for (const place of places.toReversed()) {
      const [branch, below] = place === last ? ["└─ ", "   "] : ["├─ ", "│  "];
      stack.push(
        guides === undefined
          ? { place, branch: "", guides: "" }
          : { place, branch: guides + branch, guides: (guides + below).slice(-MAX_GUIDES_LENGTH) },
      );
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
    put([...below, ...missing.get(span) ?? []], guides);
  }
}
