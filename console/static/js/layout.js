import { Graph, layout as dagre } from "/static/vendor/dagre.esm.js";

export const NODE = { width: 216, height: 50 };
/** Between the names in the path of a state: no name has it. */
export const INSIDE = "\u001f";
const PADDING = 14;
const HEADER = NODE.height;
const ITEMS = 40;
const GAP = 14;

/**
 * Lays a state machine out, top to bottom: `opened` are the graphs of child executions by the path of their state,
 * `width` is what branches side by side may take before they go on in another row.
 * Each graph inside a state is laid out on its own, and is one box in the graph around it.
 *
 * @returns {{width, height, nodes: {path, state, x, y, width, height, isGroup, child}[], edges: {from, to, points}[]}}
 */
export function layout(states, opened, width, path = "") {
  const boxes = new Map(states.map((state) => [state.name, box(state, opened, width, path)]));
  const graph = new Graph();
  graph.setGraph({ rankdir: "TB", nodesep: 24, ranksep: 30, marginx: 1, marginy: 1 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const [name, { width, height }] of boxes) graph.setNode(name, { width, height });
  for (const state of states) for (const next of state.nexts) graph.setEdge(state.name, next);
  dagre(graph);

  const laid = { width: graph.graph().width, height: graph.graph().height, nodes: [], edges: [] };
  for (const state of states) {
    const at = graph.node(state.name);
    add(laid, boxes.get(state.name), at.x - at.width / 2, at.y - at.height / 2);
  }
  for (const { v, w } of graph.edges()) {
    laid.edges.push({ from: path + v, to: path + w, points: graph.edge(v, w).points });
  }
  return laid;
}

/** A state as a box, in coordinates of its own, with all that is inside it. */
function box(state, opened, width, path) {
  const own = path + state.name;
  const child = opened.get(own);
  const inner = child ? [child.graph] : state.inner;
  const node = { path: own, state, isGroup: inner.length > 0, child: child?.arn, x: 0, y: 0, ...NODE };
  if (!inner.length) return { ...NODE, nodes: [node], edges: [] };

  const room = width - 2 * PADDING;
  const parts = inner.map((states) => layout(states, opened, room, child ? own + INSIDE : path));
  const top = HEADER + (state.kind === "Map" ? ITEMS : 0) + PADDING;
  const packed = pack(parts, room);
  Object.assign(node, { width: packed.width + 2 * PADDING, height: top + packed.height + PADDING });
  const whole = { width: node.width, height: node.height, nodes: [node], edges: [] };
  for (const { part, x, y } of packed.places) add(whole, part, PADDING + x, top + y);
  return whole;
}

/** Parts side by side, in as many rows as it takes. */
function pack(parts, room) {
  let [x, y, row, width] = [0, 0, 0, NODE.width];
  const places = parts.map((part) => {
    if (x && x + part.width > room) [x, y, row] = [0, y + row + GAP, 0];
    const at = { part, x, y };
    width = Math.max(width, x + part.width);
    [x, row] = [x + part.width + GAP, Math.max(row, part.height)];
    return at;
  });
  return { places, width, height: y + row };
}

function add(whole, part, x, y) {
  for (const node of part.nodes) whole.nodes.push({ ...node, x: node.x + x, y: node.y + y });
  for (const edge of part.edges) {
    whole.edges.push({ ...edge, points: edge.points.map((point) => ({ x: point.x + x, y: point.y + y })) });
  }
}
