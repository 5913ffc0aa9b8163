import { ask } from "./api.js";
import { INSIDE } from "./layout.js";

/** An execution and the child executions that are opened in it, each as its last view told. */
export class Following {
  constructor(arn) {
    this.executions = new Map([["", { arn, version: "", selection: new Map(), graph: null, view: null }]]);
    this.offered = new Set();
  }

  get root() {
    return this.executions.get("").view;
  }

  get graph() {
    return this.executions.get("").graph;
  }

  /** The graphs of opened child executions, by the path of their state. */
  get opened() {
    return new Map([...this.executions].filter(([path, { graph }]) => path && graph));
  }

  /** Ask for what is new in all of them. */
  async look() {
    const before = this.opened.size + (this.graph ? 1 : 0);
    const news = await Promise.all([...this.executions.values()].map(fetchView));
    let isGraphNew = this.#followChildren();
    for (const path of this.#failedParents()) {
      this.offered.add(path);
      await this.#open(path);
      isGraphNew = true;
    }
    return { isNew: news.some(Boolean) || isGraphNew, isGraphNew: isGraphNew || before !== this.opened.size + 1 };
  }

  /** Open the child execution of a state, or close it with all that is opened in it. */
  async toggle(path) {
    this.offered.add(path);
    if (!this.executions.has(path)) return this.#open(path);
    for (const inner of this.executions.keys()) {
      if (inner === path || inner.startsWith(path + INSIDE)) this.executions.delete(inner);
    }
  }

  /** Look at another item of a Map state. */
  async select(path, item) {
    const [execution, name] = this.#within(path);
    execution.selection.set(name, item);
    execution.version = "";
    await fetchView(execution);
    this.#followChildren();
    await Promise.all([...this.executions.values()].map(fetchView));
  }

  /** The view of a state; undefined where it is not known yet. */
  stateAt(path) {
    const [execution, name] = this.#within(path);
    return execution?.view?.states[name];
  }

  /** The ARN of the child execution of a state. */
  childAt(path) {
    const [execution, name] = this.#within(path);
    return execution?.view?.children[name];
  }

  /** What to ask for, to be told of a state. */
  question(path) {
    const [{ arn, selection }, name] = this.#within(path);
    return { arn, name, item: items(selection) };
  }

  #within(path) {
    const end = path.lastIndexOf(INSIDE);
    return [this.executions.get(end < 0 ? "" : path.slice(0, end)), path.slice(end + 1)];
  }

  async #open(path) {
    const opened = { arn: this.childAt(path), version: "", selection: new Map(), graph: null, view: null };
    this.executions.set(path, opened);
    await fetchView(opened);
  }

  /** A state that was tried again, or another item, has another child execution: follow that one. */
  #followChildren() {
    let isAnother = false;
    for (const [path, execution] of this.executions) {
      const child = path && this.childAt(path);
      if (child && child !== execution.arn) {
        Object.assign(execution, { arn: child, version: "", selection: new Map() });
        isAnother = true;
      }
    }
    return isAnother;
  }

  /** States that failed in a child execution that nobody has opened or closed yet. */
  #failedParents() {
    const failed = [];
    for (const [prefix, { view }] of this.executions) {
      for (const name of Object.keys(view?.children ?? {})) {
        const path = prefix ? prefix + INSIDE + name : name;
        if (view.states[name].status === "failed" && !this.offered.has(path)) failed.push(path);
      }
    }
    return failed;
  }
}

async function fetchView(execution) {
  const view = await ask("execution", { arn: execution.arn, after: execution.version, item: items(execution.selection) });
  if (!view) return false;
  Object.assign(execution, { view, version: view.version, graph: view.graph ?? execution.graph });
  return true;
}

const items = (selection) => [...selection].map(([name, item]) => `${name}:${item}`);
