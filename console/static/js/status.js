import { h, svg } from "./dom.js";

/** What can become of a state, in the order of the legend; each has a shape besides its colour. */
export const STATUSES = {
  "not begun": ["circle", { cx: 8, cy: 8, r: 5.5 }],
  running: ["path", { class: "turn", d: "M8 2.5a5.5 5.5 0 1 0 5.5 5.5" }],
  succeeded: ["path", { d: "M3 8.5l3.4 3.4L13 4.8" }],
  caught: ["path", { d: "M8 3v6M8 12.6v.1" }],
  failed: ["path", { d: "M4 4l8 8M12 4l-8 8" }],
  stopped: ["rect", { x: 4, y: 4, width: 8, height: 8, rx: 1.5 }],
  skipped: ["path", { d: "M3 8h10" }],
};

const OF_EXECUTIONS = { RUNNING: "running", SUCCEEDED: "succeeded", FAILED: "failed", TIMED_OUT: "failed", ABORTED: "stopped" };

/** The name of a status as a class. */
export const classOf = (status) => status.replace(" ", "-");

export function icon(status) {
  const [shape, properties] = STATUSES[status];
  return svg("svg", { class: "icon", viewBox: "0 0 16 16", "aria-hidden": "true" }, svg(shape, properties));
}

/** A status with its icon; an execution's is in capitals, as Step Functions has it. */
export function chip(status) {
  const known = OF_EXECUTIONS[status] ?? status;
  const text = status.toLowerCase().replace("_", " ");
  return h("span", { class: `chip ${classOf(known)}` }, icon(known), text[0].toUpperCase() + text.slice(1));
}
