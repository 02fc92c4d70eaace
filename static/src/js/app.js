// The page's script: htmx and Alpine (both without eval), and small modules that each mind one thing.
// Charts and drag and drop come in chunks of their own, only on pages that have them.
import Alpine from "@alpinejs/csp";
import htmx from "htmx.org";
import { components } from "./components.js";
import "./confirm.js";
import "./copy.js";
import "./dialogs.js";
import "./forms.js";
import "./keys.js";
import "./live.js";
import "./popovers.js";
import "./rows.js";
import "./suggest.js";
import "./theme-switch.js";
import "./toasts.js";
import { onContent } from "./content.js";

window.htmx = htmx;
// Positions of popovers are style attributes; copying them to the new element is what the content policy forbids.
htmx.config.attributesToSettle = ["class", "width", "height"];
for (const [name, make] of Object.entries(components)) Alpine.data(name, make);
Alpine.start();

// One request at a time shows the thin line at the top.
let running = 0;
const busy = (change) => {
  running = Math.max(0, running + change);
  document.documentElement.classList.toggle("is-loading", running > 0);
};
document.addEventListener("htmx:beforeRequest", () => busy(1));
document.addEventListener("htmx:afterRequest", () => busy(-1));

// Widths, and whatever else a template may not write as style: through the CSSOM.
onContent("[data-width]", (element) => {
  element.style.width = `${Math.min(100, Math.max(0, Number(element.dataset.width)))}%`;
});

// A new brand's days begin where its founder's browser is, unless they choose another zone.
onContent("select[data-own-zone]", (select) => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...select.options].some((option) => option.value === zone)) select.value = zone;
});

onContent("[data-chart]", (figure) => import("./charts.js").then((charts) => charts.draw(figure)));
onContent("[data-kanban]", (board) => import("./kanban.js").then((kanban) => kanban.start(board)));
