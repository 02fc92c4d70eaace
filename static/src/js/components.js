// Alpine components for templates (the CSP build: attributes hold names of properties and methods only).

// <div x-data="disclosure"> <button x-on:click="flip" x-bind:aria-expanded="open"> <div x-show="open">
const disclosure = () => ({
  open: false,
  flip() {
    this.open = !this.open;
  },
  hide() {
    this.open = false;
  },
});

// Rows with <input type=checkbox data-row> and one <input data-all>; the bar shows while something is chosen.
const bulk = () => ({
  count: 0,
  get some() {
    return this.count > 0;
  },
  get label() {
    return this.count === 1 ? "1 selected" : `${this.count} selected`;
  },
  rows() {
    return [...this.$root.querySelectorAll("input[data-row]")];
  },
  init() {
    this.tally();
    this.$root.addEventListener("htmx:afterSettle", () => this.tally());
    this.$root.addEventListener("change", (event) => {
      if (event.target.matches("[data-all]")) {
        for (const row of this.rows()) row.checked = event.target.checked;
      }
      this.tally();
    });
  },
  tally() {
    const rows = this.rows();
    this.count = rows.filter((row) => row.checked).length;
    const all = this.$root.querySelector("input[data-all]");
    if (!all) return;
    all.checked = rows.length > 0 && this.count === rows.length;
    all.indeterminate = this.count > 0 && this.count < rows.length;
  },
  clear() {
    for (const row of this.rows()) row.checked = false;
    this.tally();
  },
  alike() {
    const chosen = this.rows().filter((row) => row.checked);
    location.href = `${this.$root.dataset.alike}?${new URLSearchParams(chosen.map((row) => ["creator", row.value]))}`;
  },
});

// A filter of values, <div x-data="modes" data-name="niche" x-on:change="tick">: what is ticked or typed next is one of
// the values wanted, one that everybody must have ("_all"), or one that nobody may have ("_not").
const modes = () => ({
  end: "",
  choose(event) {
    this.end = event.target.value;
  },
  tick(event) {
    const input = event.target;
    if (input.matches("[data-quiet]")) event.stopPropagation();
    else if (input.checked || input.matches("[data-typed]")) input.name = this.$root.dataset.name + this.end;
  },
});

// The command palette: its entries are links in the page; typing narrows them, Enter follows the marked one.
const palette = () => ({
  typed: "",
  init() {
    const dialog = this.$root;
    dialog.addEventListener("close", () => this.reset());
    this.reset();
  },
  entries() {
    return [...this.$root.querySelectorAll("[data-entry]")];
  },
  shown() {
    return this.entries().filter((entry) => !entry.hidden);
  },
  reset() {
    this.typed = "";
    const input = this.$root.querySelector("input");
    if (input) input.value = "";
    this.narrow();
  },
  narrow() {
    const input = this.$root.querySelector("input");
    this.typed = (input?.value ?? "").trim().toLowerCase();
    for (const entry of this.entries()) {
      const search = entry.dataset.search;
      if (search) {
        entry.hidden = !this.typed;
        const url = new URL(entry.href, location.href);
        url.searchParams.set(search, input.value.trim());
        entry.href = url.toString();
        const echo = entry.querySelector("[data-echo]");
        if (echo) echo.textContent = input.value.trim();
      } else {
        entry.hidden = !this.typed.split(/\s+/).every((word) => entry.textContent.toLowerCase().includes(word));
      }
    }
    this.mark(0);
  },
  mark(place) {
    const shown = this.shown();
    const at = (place + shown.length) % (shown.length || 1);
    for (const entry of this.entries()) entry.setAttribute("aria-selected", "false");
    const chosen = shown[at];
    chosen?.setAttribute("aria-selected", "true");
    chosen?.scrollIntoView({ block: "nearest" });
    this.$root.querySelector("input")?.setAttribute("aria-activedescendant", chosen?.id ?? "");
    const none = this.$root.querySelector("[data-none]");
    if (none) none.hidden = shown.length > 0;
  },
  current() {
    return this.shown().findIndex((entry) => entry.getAttribute("aria-selected") === "true");
  },
  next() {
    this.mark(this.current() + 1);
  },
  previous() {
    this.mark(this.current() - 1);
  },
  go() {
    this.shown()[Math.max(0, this.current())]?.click();
  },
});

// A figure with its table: one button shows the numbers behind the chart.
const chartTable = () => ({
  table: false,
  get chart() {
    return !this.table;
  },
  get action() {
    return this.table ? "Show chart" : "Show table";
  },
  flip() {
    this.table = !this.table;
  },
});

// Counts the characters of a field: <div x-data="counter"><textarea x-on:input="count"><span x-text="label">
const counter = () => ({
  length: 0,
  get label() {
    return `${this.length} characters`;
  },
  init() {
    this.length = this.$root.querySelector("textarea, input")?.value.length ?? 0;
  },
  count(event) {
    this.length = event.target.value.length;
  },
});

export const components = { disclosure, bulk, modes, palette, chartTable, counter };
