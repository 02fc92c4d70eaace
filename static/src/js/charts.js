// Charts, in a chunk of their own. In a template:
//
//   <figure class="chart" data-chart="line" data-source="clicks-data" aria-label="Clicks per day">
//     <div class="chart-canvas"></div>
//   </figure>
//   {{ data|json_script:"clicks-data" }}
//
// or {% include "components/chart.html" with id="clicks" kind="line" title="Clicks per day" data=data %}, which also
// brings the table. Kinds: line, area, bar, stacked, horizontal, funnel. The data:
//
//   {"labels": ["2026-05-01", …], "series": [{"name": "Clicks", "values": [3, null, …]}, …],
//    "unit": "", "money": "EUR", "percent": false, "notes": {"2026-05-03": "Post went live"}}
//
// null is a gap, never 0. money and percent say how values are written. Colours are the tokens --chart-1 … --chart-8
// in the order of the series; the chart is drawn again when the scheme changes, and in print colours for paper.
import {
  BarController, BarElement, CategoryScale, Chart, Filler, Legend, LineController, LineElement, LinearScale,
  PointElement, Tooltip,
} from "chart.js";

Chart.register(
  BarController, BarElement, CategoryScale, Filler, Legend, LineController, LineElement, LinearScale, PointElement, Tooltip,
);

const drawn = new Map();
let printing = false;

export function draw(figure) {
  const data = JSON.parse(document.getElementById(figure.dataset.source).textContent);
  const room = figure.querySelector(".chart-canvas");
  drawn.get(figure)?.destroy();
  room.replaceChildren();
  const canvas = room.appendChild(document.createElement("canvas"));
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", figure.getAttribute("aria-label") || figure.querySelector("figcaption")?.textContent.trim() || "Chart");
  drawn.set(figure, new Chart(canvas, plan(figure.dataset.chart, data, tokens())));
}

function tokens() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  return {
    series: Array.from({ length: 8 }, (_, at) => read(`--chart-${at + 1}`)),
    text: plain("var(--muted)"),
    strong: read("--color-base-content"),
    line: read("--color-base-300"),
    paper: read("--color-base-100"),
    font: getComputedStyle(document.body).fontFamily,
  };
}

// A colour that the canvas understands, from any CSS expression.
function plain(expression) {
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.color = expression;
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

const faint = (color, share) => plain(`color-mix(in oklab, ${color} ${share}%, transparent)`);

export function writer({ money, percent, unit }, compact = false) {
  const language = document.documentElement.lang || "en";
  const shape = compact ? { notation: "compact", maximumFractionDigits: 1 } : { maximumFractionDigits: 2 };
  const format = money
    ? new Intl.NumberFormat(language, { style: "currency", currency: money, ...shape })
    : percent
      ? new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: compact ? 1 : 2 })
      : new Intl.NumberFormat(language, shape);
  return (value) => (value === null || value === undefined ? "–" : format.format(value) + (unit ? ` ${unit}` : ""));
}

function day(label, language = document.documentElement.lang || "en") {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(label)) return label;
  return new Date(`${label}T00:00:00Z`).toLocaleDateString(language === "en" ? "en-GB" : language, { day: "numeric", month: "short", timeZone: "UTC" });
}

function plan(kind, data, look) {
  if (kind === "funnel") return funnel(data, look);
  const lines = kind === "line" || kind === "area";
  const flat = kind === "horizontal";
  const options = common(data, look, flat);
  if (kind === "stacked") options.scales.x.stacked = options.scales.y.stacked = true;
  return {
    type: lines ? "line" : "bar",
    data: { labels: data.labels, datasets: data.series.map((series, at) => dataset(kind, series, look.series[at % 8], look)) },
    options,
  };
}

function dataset(kind, series, color, look) {
  const base = { label: series.name, data: series.values };
  if (kind === "line" || kind === "area") {
    return {
      ...base, borderColor: color, borderWidth: 2, spanGaps: false,
      backgroundColor: faint(color, 14), fill: kind === "area" ? "origin" : false,
      pointRadius: series.values.length > 45 ? 0 : 2, pointHoverRadius: 4, pointBackgroundColor: color, borderDash: series.dashed ? [5, 4] : [],
    };
  }
  const stacked = kind === "stacked";
  return {
    ...base, backgroundColor: color, borderRadius: stacked ? 0 : 3, maxBarThickness: 36,
    borderWidth: stacked ? { top: 1 } : 0, borderColor: look.paper,
  };
}

function common(data, look, flat) {
  const [full, short] = [writer(data), writer(data, true)];
  const values = { ticks: { color: look.text, callback: short, maxTicksLimit: 6 }, grid: { color: look.line, drawTicks: false }, border: { display: false }, beginAtZero: true };
  const names = {
    ticks: { color: look.text, maxRotation: 0, autoSkip: !flat, autoSkipPadding: 18, callback(at) { return day(this.getLabelForValue(at)); } },
    grid: { display: false }, border: { color: look.line },
  };
  return {
    indexAxis: flat ? "y" : "x",
    responsive: true, maintainAspectRatio: false,
    animation: printing || matchMedia("(prefers-reduced-motion: reduce)").matches ? false : { duration: 250 },
    interaction: { mode: "index", intersect: false, axis: flat ? "y" : "x" },
    font: { family: look.font },
    scales: flat ? { x: values, y: names } : { x: names, y: values },
    plugins: {
      legend: { display: data.series.length > 1, position: "bottom", align: "start", labels: { color: look.text, boxWidth: 10, boxHeight: 10, useBorderRadius: true, borderRadius: 2, padding: 14 } },
      tooltip: {
        backgroundColor: look.paper, borderColor: look.line, borderWidth: 1, padding: 10, cornerRadius: 7, boxPadding: 5,
        titleColor: look.strong, bodyColor: look.strong, footerColor: look.text, footerFont: { weight: "normal" }, usePointStyle: true,
        callbacks: {
          title: ([item]) => (item ? day(item.label) : ""),
          label: (item) => ` ${item.dataset.label}: ${full(flat ? item.parsed.x : item.parsed.y)}`,
          footer: ([item]) => (item && data.notes?.[item.label]) || "",
        },
      },
    },
  };
}

// Steps of one series as bars around the middle; the label says the count and the share of the step before.
function funnel(data, look) {
  const [series] = data.series;
  const top = Math.max(...series.values.map((value) => value ?? 0), 1);
  const write = writer(data);
  const share = (at) => {
    const before = series.values[at - 1];
    return at && before ? ` · ${writer({ percent: true }, true)(series.values[at] / before)} of the step before` : "";
  };
  const options = common({ ...data, series: [series] }, look, true);
  options.scales.x = { display: false, min: -top / 2, max: top / 2 };
  options.scales.y.border = { display: false };
  options.scales.y.ticks = { color: look.strong, crossAlign: "far", callback(at) { return [data.labels[at], write(series.values[at]) + share(at)]; } };
  options.plugins.tooltip.callbacks.label = (item) => ` ${write(series.values[item.dataIndex])}${share(item.dataIndex)}`;
  return {
    type: "bar",
    data: {
      labels: data.labels,
      datasets: [{
        label: series.name, borderRadius: 4, maxBarThickness: 34, borderSkipped: false,
        data: series.values.map((value) => [-(value ?? 0) / 2, (value ?? 0) / 2]),
        backgroundColor: series.values.map((_, at) => faint(look.series[0], 95 - (60 * at) / Math.max(1, series.values.length - 1))),
      }],
    },
    options,
  };
}

const again = () => {
  for (const figure of drawn.keys()) {
    if (figure.isConnected) draw(figure);
    else {
      drawn.get(figure).destroy();
      drawn.delete(figure);
    }
  }
};
document.addEventListener("theme:change", () => requestAnimationFrame(again));
// Paper waits for no animation. The scheme is light by now: see theme-switch.js.
window.addEventListener("beforeprint", () => {
  printing = true;
  again();
});
window.addEventListener("afterprint", () => {
  printing = false;
  again();
});
