// Draws each chart into the element before its specification, again whenever light changes to dark.
const configs = JSON.parse(document.getElementById("configs").textContent);
const dark = matchMedia("(prefers-color-scheme: dark)");

const draw = () => {
  const theme = dark.matches ? "dark" : "light";
  for (const element of document.querySelectorAll(".chart")) {
    const spec = JSON.parse(element.nextElementSibling.textContent);
    vegaEmbed(element, spec, { config: configs[theme], actions: false, renderer: "svg", tooltip: { theme } });
  }
};

dark.addEventListener("change", draw);
draw();
