// Places popovers (menus and tips) next to what opened them: CSS anchors are not everywhere yet.
import { onContent } from "./content.js";

const GAP = 6;

export function place(pop, anchor) {
  const from = anchor.getBoundingClientRect();
  const [width, height] = [pop.offsetWidth, pop.offsetHeight];
  const end = pop.dataset.align === "end";
  const centred = pop.dataset.align === "center";
  const wished = end ? from.right - width : centred ? from.left + from.width / 2 - width / 2 : from.left;
  const left = Math.max(8, Math.min(wished, document.documentElement.clientWidth - width - 8));
  const fitsBelow = from.bottom + GAP + height <= window.innerHeight - 8;
  const top = fitsBelow && pop.dataset.side !== "top" ? from.bottom + GAP : from.top - GAP - height;
  pop.style.left = `${left}px`;
  pop.style.top = `${Math.max(8, top)}px`;
}

onContent("[popovertarget]", (button) => {
  const pop = document.getElementById(button.getAttribute("popovertarget"));
  if (!pop) return;
  button.setAttribute("aria-expanded", "false");
  pop.addEventListener("toggle", (event) => {
    const open = event.newState === "open";
    button.setAttribute("aria-expanded", String(open));
    if (open) {
      if (!pop.matches("[data-drawer]")) place(pop, button);
      pop.querySelector("a, button, input")?.focus({ preventScroll: true });
    }
  });
});

// <button data-tip="id of the tip">: shown on hover and focus, hidden by Escape; the tip has popover="manual".
onContent("[data-tip]", (button) => {
  const tip = document.getElementById(button.dataset.tip);
  if (!tip) return;
  const show = () => {
    if (!tip.isConnected || tip.matches(":popover-open")) return;
    tip.showPopover();
    place(tip, button);
  };
  const hide = () => tip.matches(":popover-open") && tip.hidePopover();
  button.addEventListener("mouseenter", show);
  button.addEventListener("focus", show);
  button.addEventListener("click", show);
  button.addEventListener("mouseleave", hide);
  button.addEventListener("blur", hide);
  button.addEventListener("keydown", (event) => event.key === "Escape" && hide());
});

// Menus move with the arrow keys.
document.addEventListener("keydown", (event) => {
  const pop = event.target.closest?.(".pop");
  if (!pop || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  const items = [...pop.querySelectorAll("a, button:not([disabled])")];
  const at = items.indexOf(document.activeElement);
  items.at((at + (event.key === "ArrowDown" ? 1 : -1)) % items.length)?.focus();
  event.preventDefault();
});
window.addEventListener("scroll", () => {
  for (const tip of document.querySelectorAll(".tip:popover-open")) tip.hidePopover();
}, { passive: true, capture: true });
