import { ask } from "./api.js";
import { h } from "./dom.js";
import { number } from "./format.js";

/** The page of the Data Catalog. */
export async function catalogPage(main) {
  const databases = await ask("catalog");
  main.replaceChildren(h("div", { class: "page-head" }, h("h1", {}, "Catalog"), h("p", {}, "Databases of the Glue Data Catalog, their tables and columns.")), ...databases.map(database));
}

function database({ name, tables }) {
  const content = tables.length ? tables.map(table) : h("p", { class: "nothing" }, "No tables yet; a crawler adds them.");
  return h("section", { class: "section" }, h("h2", {}, name), h("div", { class: "card tables" }, content));
}

function table({ name, location, columns, partitions, records }) {
  const about = `${columns.length} columns${records ? `, ${number(records)} records` : ""}`;
  return h(
    "details",
    {},
    h("summary", {}, name, h("span", { class: "quiet" }, about)),
    location ? h("p", { class: "quiet" }, location) : null,
    h("div", { class: "wide", tabindex: "0", role: "region", "aria-label": `Columns of ${name}` }, h("table", {}, h("thead", {}, h("tr", {}, ["Column", "Type", "Comment"].map((head) => h("th", { scope: "col" }, head)))), h("tbody", {}, [...columns.map((c) => column(c, "")), ...partitions.map((c) => column(c, "partition key"))]))),
  );
}

function column({ name, type, comment }, note) {
  return h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, h("code", {}, type)), h("td", {}, [comment, note].filter(Boolean).join(", ")));
}
