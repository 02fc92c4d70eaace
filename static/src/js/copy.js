// <button data-copy="text"> or <button data-copy-from="id">: to the clipboard, and says so.
import { toast } from "./toasts.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-from]");
  if (!button) return;
  const source = button.dataset.copyFrom && document.getElementById(button.dataset.copyFrom);
  const text = source ? (source.value ?? source.textContent).trim() : button.dataset.copy;
  try {
    await navigator.clipboard.writeText(text);
    toast({ level: "success", text: button.dataset.copied ?? "Copied." });
  } catch {
    toast({ level: "warning", text: "Your browser did not allow copying. Select the text and copy it by hand." });
  }
});
