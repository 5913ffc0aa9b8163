import { h, svg } from "./dom.js";
import { duration } from "./format.js";
import { classOf } from "./status.js";

const SCALE = 1000;
const LEAST = 4;

/** A bar for each state, on the scale of the whole execution; a state that was tried again has one for each try. */
export function timeline(rows, execution, now) {
  const began = execution.started;
  const whole = Math.max(1, (execution.stopped ?? now) - began);
  return h("ol", { class: "times" }, rows.map((row) => line(row, began, whole, now)));
}

function line({ name, depth, bars }, began, whole, now) {
  const spent = bars.reduce((sum, bar) => sum + ((bar.to ?? now) - bar.from), 0);
  const tries = bars.reduce((sum, bar) => sum + (bar.count ?? 1), 0);
  const label = `${name}: ${bars.at(-1).status}, ${duration(spent)}${tries > 1 ? ` in ${tries} parts` : ""}, begun after ${duration(bars[0].from - began)}`;
  const track = svg("svg", { class: "track", viewBox: `0 0 ${SCALE} 18`, preserveAspectRatio: "none", role: "img", "aria-label": label }, svg("rect", { class: "rail", x: 0, y: 8, width: SCALE, height: 2 }), bars.map((bar) => drawn(bar, began, whole, now)));
  return h("li", {}, h("span", { class: `name depth-${Math.min(depth, 2)}`, title: name }, name), track, h("span", { class: "length" }, duration(spent)));
}

function drawn(bar, began, whole, now) {
  const from = ((bar.from - began) / whole) * SCALE;
  const width = Math.max(LEAST, (((bar.to ?? now) - bar.from) / whole) * SCALE);
  return svg("rect", { class: classOf(bar.status), x: Math.min(from, SCALE - LEAST), y: 3, width, height: 12, rx: 2 });
}
