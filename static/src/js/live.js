// Live lists: whatever has data-live asks its address every few seconds by the event "live" that htmx waits for, while
// the page is seen and nobody has paused it. The button data-live-pause, or the key p, pauses and goes on.
const EVERY = 4000;
let paused = false;

setInterval(() => {
  if (paused || document.hidden) return;
  for (const list of document.querySelectorAll("[data-live]")) list.dispatchEvent(new Event("live"));
}, EVERY);

const pause = (wish) => {
  paused = wish;
  for (const button of document.querySelectorAll("[data-live-pause]")) button.setAttribute("aria-pressed", String(paused));
  for (const state of document.querySelectorAll("[data-live-state]")) state.textContent = paused ? "Held" : "Live";
};

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-live-pause]")) pause(!paused);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "p" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable='true']")) return;
  if (document.querySelector("[data-live-pause]") && !document.querySelector("dialog[open]")) pause(!paused);
});
