// Rows by keyboard: j and k move between [data-line] elements, x chooses one; Enter follows the focused link.
const lines = () => [...document.querySelectorAll("main [data-line]")];
const typing = (target) => target.closest?.("input:not([type='checkbox']), textarea, select, [contenteditable='true']");

document.addEventListener("keydown", (event) => {
  if (!["j", "k", "x"].includes(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (typing(event.target) || document.querySelector("dialog[open], [popover]:popover-open")) return;
  const all = lines();
  if (!all.length) return;
  const at = all.findIndex((line) => line.contains(document.activeElement));
  event.preventDefault();
  if (event.key === "x") return all[at]?.querySelector("[data-row]")?.click();
  const next = event.key === "j" ? Math.min(at + 1, all.length - 1) : Math.max(at - 1, 0);
  all[next].querySelector("[data-open-row]")?.focus();
});
