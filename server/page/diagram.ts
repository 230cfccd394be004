import { html } from "@hono/hono/html";
import { EDGES, NODES } from "../trace_view/mod.ts";

/** What {@linkcode html} makes: text in which everything that was put in is escaped. */
type Markup = ReturnType<typeof html>;

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Layout {
  readonly name: "wide" | "narrow";
  readonly width: number;
  readonly height: number;
  readonly boxWidth: number;
  readonly boxHeight: number;
  /** The upper left corner of each party's box. */
  readonly corners: readonly Point[];
}

/** As in the README: there on top, back below. */
const WIDE: Layout = {
  name: "wide",
  width: 1040,
  height: 216,
  boxWidth: 176,
  boxHeight: 64,
  corners: [
    { x: 0, y: 1 },
    { x: 288, y: 1 },
    { x: 864, y: 1 },
    { x: 864, y: 150 },
    { x: 576, y: 150 },
    { x: 288, y: 150 },
    { x: 0, y: 150 },
  ],
};

/** For telephones: one below the other. */
const NARROW: Layout = {
  name: "narrow",
  width: 340,
  height: 592,
  boxWidth: 196,
  boxHeight: 46,
  corners: NODES.map((_, index) => ({ x: 0, y: 1 + index * 90 })),
};

/**
 * Draws the system, twice: for wide and for narrow windows. The script lights its parts up by their `data-node` and `data-edge`.
 */
export function renderDiagram(): Markup {
  return html`${[WIDE, NARROW].map(renderLayout)}`;
}

function renderLayout(layout: Layout): Markup {
  const { name, width, height } = layout;
  return html`
    <svg class="diagram ${name}" viewBox="-2 -2 ${width + 4} ${height + 4}" role="img"
      aria-label="The way of an email: ${NODES.map(({ label }) => label).join(", ")}">
      ${EDGES.map(({ id, step }, index) => renderEdge(id, step, lineAfter(index, layout)))}
      ${NODES.map(({ id, label }, index) => renderNode(id, label, cornerOf(index, layout), layout))}
    </svg>
  `;
}

function cornerOf(index: number, { corners }: Layout): Point {
  return corners[index] ?? { x: 0, y: 0 };
}

/** How far an arrow stays away from a box. */
const GAP = 7;

/** An arrow, with the place of its two lines of text. */
interface Line {
  readonly from: Point;
  readonly to: Point;
  readonly text: Point;
  readonly anchor: "start" | "middle" | "end";
}

/** The arrow from the side of a party's box to the facing side of the next one's. */
function lineAfter(index: number, layout: Layout): Line {
  const { boxWidth, boxHeight, width } = layout;
  const [from, to] = [cornerOf(index, layout), cornerOf(index + 1, layout)];
  if (from.y === to.y) {
    const y = from.y + boxHeight / 2;
    const isRightward = from.x < to.x;
    const start = isRightward ? from.x + boxWidth + GAP : from.x - GAP;
    const end = isRightward ? to.x - GAP : to.x + boxWidth + GAP;
    const text = { x: (start + end) / 2, y };
    return { from: { x: start, y }, to: { x: end, y }, text, anchor: "middle" };
  }
  const x = from.x + boxWidth / 2;
  const isAtTheRight = x > width / 2;
  return {
    from: { x, y: from.y + boxHeight + GAP },
    to: { x, y: to.y - GAP },
    text: { x: isAtTheRight ? x - 16 : x + 16, y: (from.y + boxHeight + to.y) / 2 },
    anchor: isAtTheRight ? "end" : "start",
  };
}

function renderNode(id: string, label: string, { x, y }: Point, layout: Layout): Markup {
  const { boxWidth: width, boxHeight: height } = layout;
  return html`
    <g class="node" data-node="${id}" data-state="idle">
      <rect x="${x}" y="${y}" width="${width}" height="${height}" rx="10" />
      <text class="label" x="${x + width / 2}" y="${y + height / 2 +
        6}" text-anchor="middle">${label}</text>
      <text class="mark" x="${x + width - 12}" y="${y + 17}" text-anchor="middle"></text>
    </g>
  `;
}

function renderEdge(id: string, label: string, { from, to, text, anchor }: Line): Markup {
  const isVertical = from.x === to.x;
  const [above, below] = isVertical ? [-4, 15] : [-10, 22];
  return html`
    <g class="edge" data-edge="${id}" data-state="idle">
      <path class="line" d="M${from.x} ${from.y}L${to.x} ${to.y}" />
      <path class="head" d="${arrowHead(from, to)}" />
      <text class="label" x="${text.x}" y="${text.y +
        above}" text-anchor="${anchor}">${label}</text>
      <text class="time" x="${text.x}" y="${text.y + below}" text-anchor="${anchor}"></text>
    </g>
  `;
}

/** A triangle at the end of a line that runs along one of the axes. */
function arrowHead(from: Point, to: Point): string {
  const [dx, dy] = [Math.sign(to.x - from.x), Math.sign(to.y - from.y)];
  const back = { x: to.x - 9 * dx, y: to.y - 9 * dy };
  const points = [
    to,
    { x: back.x - 5 * dy, y: back.y + 5 * dx },
    { x: back.x + 5 * dy, y: back.y - 5 * dx },
  ];
  return `M${points.map(({ x, y }) => `${x} ${y}`).join("L")}Z`;
}
