import { ask } from "./api.js";
import { h } from "./dom.js";

const LIBRARY = "/static/vendor/vega.js";
const DARK = matchMedia("(prefers-color-scheme: dark)");

/** The page of the charts, in the colours that the reader has. */
export async function resultsPage(main, signal) {
  main.replaceChildren(h("p", { class: "nothing" }, "Athena answers the charts' queries ..."));
  const [{ charts, themes }] = await Promise.all([ask("results"), library()]);
  if (signal.aborted) return;
  const drawn = charts.map((chart) => ({ chart, ...card(chart) }));
  const sheets = Object.values(Object.groupBy(drawn, ({ chart }) => chart.sheet));
  main.replaceChildren(h("div", { class: "page-head" }, h("h1", {}, "Results"), h("p", {}, "QuickSight's dashboard, drawn here from what the jobs wrote.")), ...sheets.map(sheet));

  const draw = () => Promise.all(drawn.map(({ chart, drawing }) => chart.spec && embed(drawing, chart.spec, themes[DARK.matches ? "dark" : "light"])));
  DARK.addEventListener("change", draw, { signal });
  await draw();
}

const sheet = (members) => h("section", { class: "section" }, h("h2", {}, members[0].chart.sheet), h("div", { class: "sheet" }, members.map(({ figure }) => figure)));

/** A chart's place in the grid of its sheet, with its numbers in a table beside it. */
function card(chart) {
  const drawing = chart.spec ? h("div", { class: "drawing" }) : null;
  const title = `title-${chart.id}`;
  const figure = h(
    "figure",
    { class: "card chart", id: chart.id, "aria-labelledby": title },
    h("figcaption", {}, h("h3", { id: title }, chart.title), chart.subtitle ? h("p", {}, chart.subtitle) : null),
    chart.words ? h("p", { class: "quiet words" }, chart.words) : null,
    chart.figure ? h("p", { class: "figure" }, chart.figure) : null,
    drawing,
    drawing ? h("details", {}, h("summary", {}, "The numbers"), numbers(chart)) : null,
    chart.words || chart.figure || drawing ? null : numbers(chart),
  );
  const { column, row, width, height } = chart.place;
  for (const [name, value] of Object.entries({ column: column + 1, row: row + 1, width, height })) figure.style.setProperty(`--${name}`, value);
  return { figure, drawing };
}

function numbers({ title, columns, rows, note }) {
  const kind = (i) => (columns[i].isNumber ? "number" : null);
  const table = h(
    "table",
    {},
    h("thead", {}, h("tr", {}, columns.map(({ label }, i) => h("th", { scope: "col", class: kind(i) }, label)))),
    h("tbody", {}, rows.map((row) => h("tr", {}, row.map((text, i) => h("td", { class: kind(i) }, text))))),
  );
  return h("div", { class: "wide", tabindex: "0", role: "region", "aria-label": `${title}: the numbers` }, table, note ? h("p", {}, note) : null);
}

/** Without evaluating text as code, which the page's policy forbids. */
const embed = (element, spec, config) => window.vegaEmbed(element, spec, { config, ast: true, actions: false, defaultStyle: false, tooltip: false, renderer: "svg" });

let loading;
function library() {
  loading ??= new Promise((resolve, reject) => {
    document.head.append(h("script", { src: LIBRARY, onload: resolve, onerror: () => reject(new Error("The charting library did not load.")) }));
  });
  return loading;
}
