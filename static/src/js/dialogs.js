// <button data-open="id"> opens <dialog id>; [data-close] inside or a click beside it closes.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.open);
    if (dialog?.showModal && !dialog.open) {
      event.preventDefault();
      dialog.showModal();
    }
    return;
  }
  const dialog = event.target.closest("dialog");
  if (!dialog) return;
  if (event.target.closest("[data-close]") || (event.target === dialog && beside(dialog, event))) dialog.close();
});

function beside(dialog, event) {
  const box = dialog.getBoundingClientRect();
  const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  return !inside && event.detail > 0;
}

// A dialog that the server sent open with a form to mend: <dialog data-open-now>.
import { onContent } from "./content.js";
onContent("dialog[data-open-now]", (dialog) => !dialog.open && dialog.showModal());

// An answer may close the dialog it came from: HX-Trigger: {"dialog:close": true}.
document.addEventListener("dialog:close", () => {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
});
