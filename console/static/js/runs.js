import { ask, repeat } from "./api.js";
import { h } from "./dom.js";
import { duration, moment } from "./format.js";
import { chip } from "./status.js";

const COLUMNS = ["Run", "Status", "Started", "Duration", "Redrives", "Why it failed"];

/** The page of the runs, newest first, live until the signal aborts. */
export async function runsPage(main, signal) {
  const body = h("div", { class: "card wide", tabindex: "0", role: "region", "aria-label": "Runs" });
  main.replaceChildren(h("div", { class: "page-head" }, h("h1", {}, "Runs"), h("p", {}, "Executions of the pipeline, newest first.")), body);
  let shown = "";
  await repeat(async () => {
    const runs = await ask("runs");
    const now = runs.some((run) => !run.stopped) ? Date.now() : 0;
    const key = JSON.stringify([runs, now]);
    if (key === shown) return;
    shown = key;
    const focused = document.activeElement?.getAttribute("href");
    body.replaceChildren(runs.length ? table(runs, now) : h("p", { class: "nothing" }, "No run yet. Upload CSV files under read/ of the input bucket, and one begins."));
    if (focused && body.contains(body.querySelector(`a[href="${focused}"]`))) body.querySelector(`a[href="${focused}"]`).focus();
  }, () => 1000, signal);
}

function table(runs, now) {
  return h("table", { class: "runs" }, h("thead", {}, h("tr", {}, COLUMNS.map((name) => h("th", { scope: "col", class: ["Duration", "Redrives"].includes(name) ? "number" : null }, name)))), h("tbody", {}, runs.map((run) => row(run, now))));
}

function row(run, now) {
  return h(
    "tr",
    {},
    h("td", {}, h("a", { href: `#/runs/${run.name}` }, run.name)),
    h("td", {}, chip(run.status)),
    h("td", {}, moment(run.started)),
    h("td", { class: "number" }, duration((run.stopped ?? now) - run.started)),
    h("td", { class: "number" }, String(run.redrives)),
    h("td", { class: "why" }, run.failure),
  );
}
