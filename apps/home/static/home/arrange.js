// Widgets are moved by their grips, with a mouse, a pen or a finger. The buttons beside them do the same, and need none.

function middle(row) {
  const { top, height } = row.getBoundingClientRect();
  return top + height / 2;
}

/** Let the row follow the pointer: its neighbours make way, since a row that left the page would lose the pointer. */
function follow(row, y) {
  const { previousElementSibling: above, nextElementSibling: below } = row;
  if (below && y > middle(below)) row.before(below);
  else if (above && y < middle(above)) row.after(above);
  else return;
  row.scrollIntoView({ block: "nearest" });
  follow(row, y);
}

function drag(row, list, pointer) {
  const before = [...list.children];
  const ending = new AbortController();
  const { signal } = ending;

  function end(isKept) {
    ending.abort();
    row.removeAttribute("data-dragged");
    const place = [...list.children].indexOf(row);
    if (!isKept) list.append(...before);
    else if (place !== before.indexOf(row)) {
      const form = row.querySelector("form");
      htmx.ajax("POST", form.action, { source: form, target: "#home-edit", swap: "outerHTML", values: { do: `to-${place}` } });
    }
  }

  row.setAttribute("data-dragged", "");
  list.setPointerCapture(pointer);
  list.addEventListener("pointermove", (event) => follow(row, event.clientY), { signal });
  list.addEventListener("pointerup", () => end(true), { signal });
  list.addEventListener("pointercancel", () => end(false), { signal });
  addEventListener("keydown", (event) => event.key === "Escape" && end(false), { signal });
}

document.addEventListener("pointerdown", (event) => {
  const row = event.target.closest(".home-grip")?.closest("li");
  if (!row || event.button !== 0 || !event.isPrimary) return;
  event.preventDefault();
  drag(row, row.parentElement, event.pointerId);
});
