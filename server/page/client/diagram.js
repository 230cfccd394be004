/**
 * The picture of the system: lights its parties and ways up as an email passes them. The server has drawn it, twice: side by side
 * for wide windows, one below the other for narrow ones.
 *
 * @module
 * @import { Diagram, DiagramEdge, Progress } from "./types.ts"
 */
import { formatCounting, formatWay } from "./format.js";
import { fixText, keepText } from "./ticker.js";

/** @type {Readonly<Record<Progress, string>>} */
const MARKS = { idle: "", active: "●", done: "✓", failed: "✗" };

/** Nothing has happened yet. @type {Diagram} */
export const IDLE = { nodes: [], edges: [] };

/**
 * What is known of an email from the server's 202 alone: RabbitMQ, the third party, has it.
 *
 * @returns {Diagram} The diagram.
 */
export function acceptedDiagram() {
  const nodes = idsOf("node").slice(0, 3);
  const edges = idsOf("edge").slice(0, 2);
  return {
    nodes: nodes.map((id, index) => ({ id, state: index < 2 ? "done" : "active" })),
    edges: edges.map((id) => ({
      id,
      state: "done",
      waiting: false,
      attemptCount: 1,
      rowKeys: [],
    })),
  };
}

/**
 * Shows how far an email is.
 *
 * @param {Diagram} diagram What is known; what it does not name is idle.
 */
export function showDiagram({ nodes, edges }) {
  const stateOfNode = new Map(nodes.map(({ id, state }) => [id, state]));
  for (const node of groups("[data-node]")) {
    const state = stateOfNode.get(node.dataset.node ?? "") ?? "idle";
    node.dataset.state = state;
    write(node, "mark", MARKS[state]);
  }
  const edgeOf = new Map(edges.map((edge) => [edge.id, edge]));
  for (const group of groups("[data-edge]")) {
    showEdge(group, edgeOf.get(group.dataset.edge ?? ""));
  }
}

/**
 * Marks the ways that some rows of the waterfall tell of.
 *
 * @param {Diagram} diagram The diagram that is shown.
 * @param {string | undefined} rowKey The row; none takes the mark away.
 */
export function markEdges({ edges }, rowKey) {
  const marked = new Set(
    edges.filter(({ rowKeys }) => rowKey !== undefined && rowKeys.includes(rowKey)).map(({ id }) =>
      id
    ),
  );
  for (const group of groups("[data-edge]")) {
    group.classList.toggle("marked", marked.has(group.dataset.edge ?? ""));
  }
}

/**
 * @param {SVGElement} group
 * @param {DiagramEdge | undefined} edge
 */
function showEdge(group, edge) {
  const isWaiting = edge?.waiting ?? false;
  group.dataset.state = edge?.state ?? "idle";
  group.dataset.waiting = String(isWaiting);
  const target = group.querySelector(".time");
  if (target === null) return;
  const count = edge !== undefined && edge.attemptCount > 1 ? ` ×${edge.attemptCount}` : "";
  const mark = edge?.state === "failed" ? "✗ " : "";
  if (edge !== undefined && isWaiting && edge.waitingSince !== undefined) {
    const sinceMs = Date.parse(edge.waitingSince);
    keepText(target, (nowMs) => `${mark}◷ ${formatCounting(nowMs - sinceMs)}${count}`);
    return;
  }
  const time = edge?.durationUs === undefined ? "" : formatWay(edge.durationUs);
  fixText(target, `${mark}${isWaiting ? "◷ " : ""}${time}${count}`);
}

/**
 * @param {SVGElement} group
 * @param {string} className
 * @param {string} text
 */
function write(group, className, text) {
  const target = group.querySelector(`.${className}`);
  if (target !== null) fixText(target, text);
}

/**
 * What the picture has, in the order of an email's way.
 *
 * @param {"node" | "edge"} kind
 */
function idsOf(kind) {
  return [...groups(`.wide [data-${kind}]`)].map(({ dataset }) => dataset[kind] ?? "");
}

/**
 * @param {string} selector
 * @returns {NodeListOf<SVGElement>}
 */
function groups(selector) {
  return document.querySelectorAll(selector);
}
