// hx-confirm asks in our own dialog. data-confirm-action names the button, e.g. data-confirm-action="Remove".
document.addEventListener("htmx:confirm", (event) => {
  const dialog = document.getElementById("confirm-dialog");
  if (!event.detail.question || !dialog) return;
  event.preventDefault();
  const button = dialog.querySelector("[data-yes]");
  dialog.querySelector("[data-question]").textContent = event.detail.question;
  button.textContent = event.detail.elt.dataset.confirmAction ?? "Continue";
  dialog.returnValue = "";
  dialog.showModal();
  dialog.addEventListener("close", () => dialog.returnValue === "yes" && event.detail.issueRequest(true), { once: true });
});
