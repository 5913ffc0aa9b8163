import { announce, h } from "./dom.js";
import { ask, repeat, tell, trouble } from "./api.js";
import { confirmed } from "./confirm.js";
import { detail } from "./detail.js";
import { Following } from "./following.js";
import { duration, moment } from "./format.js";
import { GraphView } from "./graph.js";
import { INSIDE } from "./layout.js";
import { chip, icon, STATUSES } from "./status.js";
import { timeline } from "./timeline.js";

const LIVE_MS = 1000;
const ENDED_MS = 5000;

/** The page of one run, live until the signal aborts. */
export async function runPage(main, name, signal) {
  const run = (await ask("runs")).find((run) => run.name === name);
  if (!run) return main.replaceChildren(h("p", { class: "nothing" }, `There is no run ${name}.`));
  const page = new RunPage(main, run.arn);
  addEventListener("resize", () => page.redraw(), { signal });
  await repeat(() => page.look(), () => (page.isLive ? LIVE_MS : ENDED_MS), signal);
}

class RunPage {
  constructor(main, arn) {
    this.following = new Following(arn);
    this.graph = new GraphView({
      pick: (path) => this.#pick(path),
      toggle: (path) => this.#toggle(path),
      select: (path, item) => this.#select(path, item),
    });
    this.head = h("div", { class: "run-head" });
    this.facts = h("p", { class: "run-facts" });
    this.detail = h("aside", { class: "card detail", "aria-label": "Details of a state" });
    this.times = h("section", { class: "card time-card", "aria-label": "Time line" });
    this.detail.addEventListener("keydown", (event) => event.key === "Escape" && this.#close());
    this.card = h("section", { class: "card graph-card", "aria-label": "Graph" }, this.graph.element, legend());
    main.replaceChildren(this.head, this.facts, h("div", { class: "run-grid" }, this.card, this.detail), this.times);
    this.#close();
  }

  get isLive() {
    return this.following.root?.execution.status === "RUNNING";
  }

  /** Ask for what is new, and show it. */
  async look() {
    const before = this.following.root;
    const news = await this.following.look();
    if (news.isGraphNew) this.redraw();
    if (news.isNew || this.isLive) this.#show();
    if (before && before.execution.status !== this.following.root.execution.status) announce(`The run is ${this.following.root.execution.status.toLowerCase()}`);
    if (this.picked && (news.isNew || this.isLive)) await this.#fetchDetail();
  }

  redraw() {
    if (!this.following.root) return;
    const room = this.card.clientWidth - 2 * parseFloat(getComputedStyle(this.card).paddingLeft);
    this.graph.draw(this.following.graph, this.following.opened, Math.max(room, 240));
    this.#show();
  }

  #show() {
    const { execution, timeline: rows } = this.following.root;
    const now = Date.now();
    this.#showHead(execution, now);
    this.graph.paint((path) => this.following.stateAt(path), (path) => this.following.childAt(path), now);
    this.times.replaceChildren(h("h2", {}, "Time line"), timeline(rows, execution, now));
  }

  #showHead(execution, now) {
    const key = `${execution.status} ${execution.redrives}`;
    if (this.head.dataset.key !== key) {
      this.head.dataset.key = key;
      const redrive = execution.redrivable ? h("button", { type: "button", class: "button main", onclick: () => this.#redrive(execution.name) }, "Redrive") : null;
      this.head.replaceChildren(h("h1", {}, execution.name), chip(execution.status), ...(redrive ? [redrive] : []));
    }
    const redriven = execution.redrives ? ` · redriven ${execution.redrives === 1 ? "once" : `${execution.redrives} times`}` : "";
    this.facts.textContent = `Started ${moment(execution.started)} · ${duration((execution.stopped ?? now) - execution.started)}${redriven} · ${execution.events.toLocaleString("en-US")} events`;
  }

  async #redrive(name) {
    if (!(await confirmed(`Redrive ${name}?`, "It goes on from the states that failed or were stopped. What has succeeded does not run again.", "Redrive"))) return;
    try {
      await tell("redrive", { run: name });
      announce(`${name} is redriven`);
      await this.look();
    } catch (error) {
      trouble(error.message);
    }
  }

  async #toggle(path) {
    await this.following.toggle(path);
    this.redraw();
  }

  async #select(path, item) {
    await this.following.select(path, item);
    this.redraw();
    if (this.picked) await this.#fetchDetail();
  }

  async #pick(path) {
    this.picked = path;
    this.graph.pick(path);
    await this.#fetchDetail();
    const heading = this.detail.querySelector("h2");
    heading.focus();
    if (this.detail.getBoundingClientRect().top > innerHeight - 120) this.detail.scrollIntoView({ block: "start" });
  }

  async #fetchDetail() {
    const path = this.picked;
    const told = await ask("state", this.following.question(path));
    if (path !== this.picked) return;
    const status = this.following.stateAt(path)?.status ?? "not begun";
    const key = JSON.stringify([path, status, told]);
    if (this.detail.dataset.key === key) return;
    this.detail.dataset.key = key;
    this.detail.replaceChildren(...detail(path.split(INSIDE).at(-1), status, told, () => this.#close()));
  }

  #close() {
    const path = this.picked;
    this.picked = null;
    this.graph.pick(null);
    delete this.detail.dataset.key;
    this.detail.replaceChildren(h("p", { class: "quiet" }, "Pick a state to see its input, its output, its error and its log."));
    if (path) this.graph.nodes.get(path)?.button.focus();
  }
}

function legend() {
  return h("ul", { class: "legend", "aria-label": "Legend" }, Object.keys(STATUSES).map((status) => h("li", { class: status.replace(" ", "-") }, icon(status), status)));
}
