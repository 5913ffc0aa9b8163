import { h, place, svg } from "./dom.js";
import { duration } from "./format.js";
import { layout, NODE } from "./layout.js";
import { classOf, icon } from "./status.js";

const MOST_ITEMS = 40;
const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

/**
 * The graph of an execution, with those of child executions that are opened in it.
 *
 * A state's path is its name, behind the paths of the states whose child executions it is in. `on` has `pick(path)`,
 * `toggle(path)` and `select(path, item)`.
 */
export class GraphView {
  constructor(on) {
    this.on = on;
    this.element = h("div", { class: "graph", role: "group", "aria-label": "States; arrow keys go from one to the next", onkeydown: (event) => this.#move(event) });
    this.nodes = new Map();
    this.picked = null;
  }

  /** Draw the graph anew: of these states, with the opened children. Focus stays on its state. */
  draw(states, opened, room) {
    const focused = document.activeElement?.dataset?.path;
    const laid = layout(states, opened, room);
    this.nodes.clear();
    this.heads = [];
    const drawn = laid.nodes.flatMap((node) => this.#node(node));
    const groups = [...this.nodes.values()].map(({ group }) => group).filter(Boolean);
    this.element.replaceChildren(...groups, this.#edges(laid), ...drawn);
    Object.assign(this.element.style, { width: `${laid.width}px`, height: `${laid.height}px` });
    if (focused) this.nodes.get(focused)?.button.focus({ preventScroll: true });
  }

  /** Show what has become of each state: `stateAt(path)` is its view, `childAt(path)` its child execution. */
  paint(stateAt, childAt, now) {
    for (const [path, node] of this.nodes) this.#paint(path, node, stateAt(path), childAt(path), now);
    for (const { from, to, line, head } of this.heads) {
      const isPassed = [from, to].every((path) => !["not begun", "skipped"].includes(stateAt(path)?.status ?? "not begun"));
      for (const part of [line, head]) part.classList.toggle("passed", isPassed);
    }
  }

  pick(path) {
    this.nodes.get(this.picked)?.button.setAttribute("aria-pressed", "false");
    this.picked = path;
    this.nodes.get(path)?.button.setAttribute("aria-pressed", "true");
  }

  #node({ path, state, isGroup, child, ...at }) {
    const head = isGroup ? { ...at, height: NODE.height } : at;
    const name = h("span", { class: "name" }, state.name);
    const time = h("span", { class: "time" });
    const button = place(h("button", { type: "button", "data-path": path, title: state.name, "aria-pressed": String(path === this.picked), onclick: () => this.on.pick(path) }, h("span", { class: "words" }, name, time)), head);
    const node = { button, time, name: state.name, isGroup, isOpen: Boolean(child), status: null };
    this.nodes.set(path, node);
    const drawn = [button];
    if (isGroup) node.group = place(h("div", { class: "group" }), at);
    if (state.opens) drawn.push((node.opener = this.#opener(path, state, child, head)));
    if (state.kind === "Map") drawn.push((node.items = place(h("div", { class: "items" }), { x: at.x + 14, y: at.y + NODE.height + 8, width: at.width - 28, height: 30 })));
    return drawn;
  }

  #opener(path, state, child, { x, y, width }) {
    const label = `Child execution of ${state.name}`;
    const button = h("button", { type: "button", class: "opener", "aria-label": label, title: label, "aria-expanded": String(Boolean(child)), onclick: () => this.on.toggle(path) }, child ? "−" : "+");
    button.hidden = !child;
    return place(button, { x: x + width - 36, y: y + (NODE.height - 26) / 2, width: 26, height: 26 });
  }

  #paint(path, node, view = { status: "not begun" }, child, now) {
    const spent = view.began ? duration((view.left ?? now) - view.began) : "";
    const tries = view.attempts > 1 ? ` · ${view.attempts} tries` : view.visits > 1 ? ` · ${view.visits}×` : "";
    node.time.textContent = spent + tries;
    node.button.setAttribute("aria-label", `${node.name}: ${view.status}${spent && `, ${spent}`}${tries.replace(" · ", ", ")}`);
    node.button.title = `${node.name}: ${view.status} ${spent}${tries}`;
    if (node.opener) node.opener.hidden = !child && !node.isOpen;
    if (node.status !== view.status) {
      node.status = view.status;
      node.button.className = `node ${node.isGroup ? "header " : ""}${node.opener ? "opens " : ""}${classOf(view.status)}`;
      node.button.querySelector(".icon")?.remove();
      node.button.prepend(icon(view.status));
      if (node.group) node.group.className = `group ${classOf(view.status)}`;
    }
    if (node.items) this.#paintItems(path, node.items, view);
  }

  #paintItems(path, place, { iterations = [], selected }) {
    const key = `${iterations.join()} ${selected}`;
    if (place.dataset.key === key) return;
    place.dataset.key = key;
    const focused = place.contains(document.activeElement) ? document.activeElement.dataset.item : null;
    const fits = Math.floor((parseFloat(place.style.width) + 3) / 27);
    place.replaceChildren(...(iterations.length <= Math.min(fits, MOST_ITEMS) ? this.#buttons(path, iterations, selected) : this.#chooser(path, iterations, selected)));
    if (focused) place.querySelector(`[data-item="${focused}"]`)?.focus();
  }

  #buttons(path, iterations, selected) {
    return iterations.map((status, item) =>
      h("button", { type: "button", class: `item ${classOf(status)}`, "data-item": item, "aria-pressed": String(item === selected), "aria-label": `Item ${item}: ${status}`, title: `Item ${item}: ${status}`, onclick: () => this.on.select(path, item) }, String(item)),
    );
  }

  #chooser(path, iterations, selected) {
    const counts = Object.entries(Object.groupBy(iterations, (status) => status)).map(([status, all]) => `${all.length} ${status}`);
    const input = h("input", { type: "number", min: 0, max: iterations.length - 1, value: selected, "data-item": "chosen", "aria-label": `Item, 0 to ${iterations.length - 1}`, onchange: () => input.checkValidity() && input.value && this.on.select(path, Number(input.value)) });
    return [input, h("span", { class: "counts" }, counts.join(", "))];
  }

  #edges({ width, height, edges }) {
    const drawn = svg("svg", { class: "edges", width, height, "aria-hidden": "true" });
    for (const { from, to, points } of edges) {
      const line = svg("path", { d: curve(points) });
      const end = points.at(-1);
      const before = points.at(-2);
      const turn = (Math.atan2(end.y - before.y, end.x - before.x) * 180) / Math.PI;
      const head = svg("path", { class: "head", d: "M0 0l-7 -4v8z", transform: `translate(${end.x} ${end.y}) rotate(${turn})` });
      drawn.append(line, head);
      this.heads.push({ from, to, line, head });
    }
    return drawn;
  }

  /** To the nearest state in the arrow's direction. */
  #move(event) {
    const direction = ARROWS[event.key];
    const from = this.nodes.get(event.target.dataset?.path)?.button;
    if (!direction || !from) return;
    event.preventDefault();
    const here = middle(from);
    let best = null;
    for (const { button } of this.nodes.values()) {
      const there = middle(button);
      const [dx, dy] = [there.x - here.x, there.y - here.y];
      const along = dx * direction[0] + dy * direction[1];
      if (along < 4) continue;
      const far = along + 3 * Math.abs(dx * direction[1] + dy * direction[0]);
      if (!best || far < best.far) best = { far, button };
    }
    best?.button.focus();
  }
}

function middle(button) {
  const { x, y, width, height } = button.getBoundingClientRect();
  return { x: x + width / 2, y: y + height / 2 };
}

/** A smooth line through the points that the layout gave. */
function curve(points) {
  const [first, ...rest] = points;
  let d = `M${first.x} ${first.y}`;
  for (let i = 0; i < rest.length - 1; i++) {
    const isLast = i === rest.length - 2;
    const end = isLast ? rest[i + 1] : { x: (rest[i].x + rest[i + 1].x) / 2, y: (rest[i].y + rest[i + 1].y) / 2 };
    d += ` Q${rest[i].x} ${rest[i].y} ${end.x} ${end.y}`;
  }
  return rest.length > 1 ? d : `${d} L${rest[0].x} ${rest[0].y}`;
}
