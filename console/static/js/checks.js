import { ask } from "./api.js";
import { h } from "./dom.js";
import { number } from "./format.js";
import { chip } from "./status.js";

/** The page of the checks: a section for each run. */
export async function checksPage(main) {
  main.replaceChildren(h("p", { class: "nothing" }, "Athena reads the records of the checks ..."));
  const records = await ask("checks");
  const head = h("div", { class: "page-head" }, h("h1", {}, "Checks"), h("p", {}, "What each run's queries found in its results; a failed check keeps the charts as they were."));
  const none = records.length ? [] : [h("p", { class: "nothing" }, "No run has come as far as its checks yet.")];
  main.replaceChildren(head, ...none, ...Object.entries(Object.groupBy(records, ({ run }) => run)).map(section));
}

function section([run, records]) {
  const failed = records.filter((record) => record.passed !== "true").length;
  const title = `${run}: ${records.length - failed} passed${failed ? `, ${failed} failed` : ""}`;
  const heads = ["Check", "Outcome", "Observed", "Expected", "Bytes scanned", "Milliseconds"];
  return h(
    "section",
    { class: "section" },
    h("h2", {}, title),
    h("div", { class: "card wide", tabindex: "0", role: "region", "aria-label": title }, h("table", {}, h("thead", {}, h("tr", {}, heads.map((name, i) => h("th", { scope: "col", class: i > 3 ? "number" : null }, name)))), h("tbody", {}, records.map(row)))),
  );
}

function row(record) {
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, record.check_name),
    h("td", {}, chip(record.passed === "true" ? "succeeded" : "failed")),
    h("td", {}, record.observed ?? ""),
    h("td", {}, record.expected ?? ""),
    h("td", { class: "number" }, record.bytes_scanned ? number(record.bytes_scanned) : ""),
    h("td", { class: "number" }, record.milliseconds ? number(record.milliseconds) : ""),
  );
}
