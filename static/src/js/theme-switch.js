// The scheme buttons of the user menu: [data-theme-choice="system|light|dark"].
import { apply, choose, chosen } from "./theme.js";

const show = () => {
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === chosen()));
  }
};
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-choice]");
  if (!button) return;
  choose(button.dataset.themeChoice);
  show();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => chosen() === "system" && apply("system"));
// Paper is light, whatever the screen is.
window.addEventListener("beforeprint", () => apply("light"));
window.addEventListener("afterprint", () => apply(chosen()));
window.addEventListener("storage", (event) => {
  if (event.key !== "groundswell-theme") return;
  apply(chosen());
  show();
});
show();
