import { h } from "./dom.js";
import { duration, number, pretty } from "./format.js";
import { chip } from "./status.js";

/** What is known of the state that was picked. */
export function detail(name, status, told, close) {
  const work = told.work;
  return [
    h("header", {}, h("h2", { tabindex: "-1" }, name), chip(status), h("button", { type: "button", class: "button small", "aria-label": "Close the details", onclick: close }, "Close")),
    told.error || told.cause ? section("Error", failure(told)) : null,
    work ? section(work.kind, facts(work.facts)) : null,
    work?.query ? section("SQL", text(work.query, "SQL of the query")) : null,
    work?.log ? section("Log", work.log.length ? text(work.log.join("\n"), "Log") : h("p", { class: "quiet" }, "Nothing was logged.")) : null,
    told.attempts?.length > 1 ? section(`${told.attempts.length} tries`, attempts(told.attempts)) : null,
    told.input ? section("Input", text(pretty(told.input), "Input")) : null,
    told.output ? section("Output", text(pretty(told.output), "Output")) : null,
    told.input === undefined ? h("p", { class: "quiet" }, status === "skipped" ? "A choice led past this state." : "This state has not begun.") : null,
  ].filter(Boolean);
}

const section = (title, ...content) => h("section", {}, h("h3", {}, title), ...content);

/** A text that scrolls, for which it has to be reached with the keyboard too. */
function text(content, label) {
  return h("pre", { class: "text", tabindex: "0", role: "region", "aria-label": label }, content);
}

/** The error; of a cause that is a record of the work, what the record says of it. */
function failure({ error, cause, work }) {
  const message = work?.facts.Message ?? said(cause);
  const whole = pretty(cause);
  return [
    h("p", { class: "error-box" }, h("strong", {}, error || "Failed"), message),
    whole !== message && whole ? h("details", {}, h("summary", {}, "The whole cause"), text(whole, "Cause")) : null,
  ].filter(Boolean);
}

function said(cause) {
  try {
    const { Cause, ErrorMessage } = JSON.parse(cause);
    return ErrorMessage ?? (Cause ? said(Cause) : "");
  } catch {
    return cause;
  }
}

function facts(known) {
  const shown = (value) => (typeof value === "number" ? number(value) : String(value));
  return h("dl", { class: "facts" }, Object.entries(known).flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, shown(value))]));
}

function attempts(all) {
  const row = ({ began, ended, status, error }, i) => h("tr", {}, h("th", { scope: "row" }, String(i + 1)), h("td", {}, chip(status)), h("td", {}, error || ""), h("td", { class: "number" }, ended ? duration(ended - began) : ""));
  return h("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "Tries" }, h("table", {}, h("tbody", {}, all.map(row))));
}
