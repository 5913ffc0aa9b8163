import { h } from "./dom.js";

/** Asks, and gives whether the answer was yes. */
export function confirmed(question, explanation, yes) {
  return new Promise((resolve) => {
    const answer = (value) => () => dialog.close(value);
    const dialog = h(
      "dialog",
      { "aria-labelledby": "question" },
      h("h2", { id: "question" }, question),
      h("p", {}, explanation),
      h("menu", {}, h("li", {}, h("button", { type: "button", class: "button", onclick: answer("") }, "Cancel")), h("li", {}, h("button", { type: "button", class: "button main", onclick: answer("yes") }, yes))),
    );
    dialog.addEventListener("close", () => (dialog.remove(), resolve(dialog.returnValue === "yes")));
    document.body.append(dialog);
    dialog.showModal();
  });
}
