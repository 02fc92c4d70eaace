// Keyboard: Ctrl/Cmd-K opens the palette, ? the list of keys, "g c" goes to the page with data-keys="g c", / the search.
const palette = () => document.getElementById("palette");
const typing = (target) => target.closest?.("input, textarea, select, [contenteditable='true']");
let first = "";
let timer;

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    return toggle(palette());
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "?") return document.getElementById("keys-help")?.showModal();
  if (event.key === "/") {
    const search = document.querySelector("main input[type='search']");
    if (search) {
      event.preventDefault();
      search.focus();
    }
    return;
  }
  if (first) {
    const link = document.querySelector(`a[data-keys="${first} ${CSS.escape(event.key)}"]`);
    first = "";
    if (link) {
      event.preventDefault();
      link.click();
    }
  } else if (event.key === "g") {
    first = "g";
    clearTimeout(timer);
    timer = setTimeout(() => (first = ""), 1200);
  }
});

function toggle(dialog) {
  if (!dialog) return;
  if (dialog.open) dialog.close();
  else dialog.showModal();
}
