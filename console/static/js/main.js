import { ask, trouble } from "./api.js";
import { catalogPage } from "./catalog.js";
import { checksPage } from "./checks.js";
import { resultsPage } from "./results.js";
import { runPage } from "./run.js";
import { runsPage } from "./runs.js";

const PAGES = { runs: runsPage, results: resultsPage, checks: checksPage, catalog: catalogPage };
let leaving = new AbortController();

/** Show the page that the address names. */
async function show() {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  const [page, name] = location.hash.slice(2).split("/").map(decodeURIComponent);
  const known = page in PAGES ? page : "runs";
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#/${known}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${name || known[0].toUpperCase() + known.slice(1)} · Console`;
  trouble("");
  const main = document.getElementById("main");
  try {
    if (known === "runs" && name) await runPage(main, name, signal);
    else await PAGES[known](main, signal);
  } catch (error) {
    if (signal.aborted) return;
    main.replaceChildren();
    trouble(error.message);
  }
}

addEventListener("hashchange", show);
show();
ask("about").then(({ stack, region, endpoint }) => {
  document.getElementById("stack").textContent = stack;
  document.getElementById("where").textContent = `${region} · ${endpoint.replace(/^https?:\/\//, "")}`;
}, () => {});
