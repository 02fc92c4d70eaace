// A board whose cards move between columns with the mouse or touch; each card also has a form with a select and a
// button (the keyboard's way), which this module submits after a drop. Markup: components/kanban.html.
//   <div data-kanban> <section data-column="value"> <ul class="board-cards"> <li data-card><form><select name=…>
import Sortable from "sortablejs";

export function start(board) {
  for (const list of board.querySelectorAll(".board-cards")) {
    Sortable.create(list, {
      group: board.id || "board",
      draggable: "[data-card]",
      filter: "a, button, select, input",
      preventOnFilter: false,
      animation: 140,
      delay: 120,
      delayOnTouchOnly: true,
      onEnd: ({ item, to, from }) => to !== from && move(item, to.closest("[data-column]").dataset.column, from),
    });
  }
}

function move(card, value, from) {
  const select = card.querySelector("select[data-move]");
  const allowed = select && [...select.options].some((option) => option.value === value && !option.disabled);
  if (!allowed) {
    from.append(card);
    document.dispatchEvent(
      new CustomEvent("toast", { detail: { level: "warning", text: card.dataset.refusal || "This step is not possible from here." } }),
    );
    return;
  }
  select.value = value;
  select.form.requestSubmit();
}
