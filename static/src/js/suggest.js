// <input data-suggest="/creators/suggest/?name=hashtag" list="…">: its list holds values that begin as typed.
let timer;

document.addEventListener("input", (event) => {
  const input = event.target.closest?.("input[data-suggest]");
  if (!input) return;
  clearTimeout(timer);
  timer = setTimeout(() => fill(input), 150);
});

async function fill(input) {
  const url = new URL(input.dataset.suggest, location.href);
  url.searchParams.set("text", input.value);
  const answer = await fetch(url, { headers: { Accept: "application/json" } });
  if (!answer.ok || !input.list) return;
  const { values } = await answer.json();
  input.list.replaceChildren(...values.map((value) => Object.assign(document.createElement("option"), { value })));
}
