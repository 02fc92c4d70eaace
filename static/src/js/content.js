// Runs `start` for every element that matches, now and in each fragment that htmx brings later.
export function onContent(selector, start) {
  const run = (root) => {
    if (root.matches?.(selector)) begin(root, start);
    for (const element of root.querySelectorAll(selector)) begin(element, start);
  };
  run(document);
  document.addEventListener("htmx:load", (event) => run(event.detail.elt));
}

const begun = new WeakMap();

function begin(element, start) {
  const done = begun.get(element) ?? new Set();
  if (done.has(start)) return;
  begun.set(element, done.add(start));
  start(element);
}
