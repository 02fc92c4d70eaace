// Short notices in the corner: Django's messages on a new page, the "toast" event of an htmx answer
// (HX-Trigger: {"toast": [{"text": "Saved", "level": "success"}]}), and failed requests.
const STAY = { success: 5000, info: 6000, warning: 9000, error: 0 };

export function toast({ text, level = "info" }) {
  const region = document.getElementById("toasts");
  const template = document.getElementById("toast-template");
  if (!region || !template) return;
  const item = template.content.firstElementChild.cloneNode(true);
  item.classList.add(`tone-${level}`);
  item.querySelector("[data-text]").textContent = text;
  for (const icon of item.querySelectorAll("[data-level]")) {
    if (!icon.dataset.level.split(" ").includes(level)) icon.remove();
  }
  if (level === "error") item.setAttribute("role", "alert");
  region.append(item);
  retire(item, STAY[level] ?? 6000);
}

function retire(item, delay) {
  item.querySelector("[data-dismiss]")?.addEventListener("click", () => item.remove());
  if (!delay) return;
  let timer = setTimeout(() => item.remove(), delay);
  item.addEventListener("mouseenter", () => clearTimeout(timer));
  item.addEventListener("mouseleave", () => (timer = setTimeout(() => item.remove(), 2000)));
}

for (const item of document.querySelectorAll("#toasts .toast-item")) retire(item, STAY[item.dataset.level] ?? 6000);
document.addEventListener("toast", (event) => {
  const told = event.detail.value ?? event.detail;
  for (const one of Array.isArray(told) ? told : [told]) toast(one);
});

document.addEventListener("htmx:responseError", (event) => {
  const said = {
    403: "Your role does not allow this. Ask an owner of the brand.",
    404: "This is no longer here. Load the page again.",
    409: "Somebody else changed this in the meantime. Load the page again.",
    429: "That was a little fast. Wait a moment, then try again.",
  };
  toast({ level: "error", text: said[event.detail.xhr.status] ?? "Something went wrong on our side. Please try again." });
});
document.addEventListener("htmx:sendError", () =>
  toast({ level: "error", text: "No connection. Check your network, then try again." }),
);
