// Small comforts of forms: submit on change, no second submit, first error in focus.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-auto-submit]");
  if (form && !event.target.closest("[data-no-auto]")) form.requestSubmit();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented || form.closest("dialog[method]")) return;
  if ([...form.attributes].some(({ name }) => name.startsWith("hx-"))) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  event.submitter?.setAttribute("aria-busy", "true");
});
// Back from the history the page may be posted again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

const focusError = (root) => root.querySelector(".form-errors, [aria-invalid='true']")?.focus({ focusVisible: false });
document.addEventListener("htmx:afterSwap", (event) => event.detail.xhr?.status === 422 && focusError(event.detail.target));
if (!document.querySelector("main[data-still], [data-still] .form-errors")) focusError(document);
