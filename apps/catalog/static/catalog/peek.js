// What an entity is, beside a link to it, while the pointer rests on the link or the keyboard is there. The text is in the
// link's own attributes: nothing is asked for. Without scripts the link's title says the same.

const box = document.getElementById("entity-peek");
const DELAY_MS = 350;
const GAP_PX = 6;
let shown = null;
let timer = 0;

const line = (css, text) => {
  const element = document.createElement("p");
  element.className = css;
  element.textContent = text;
  return element;
};

function show(link) {
  hide();
  const { peek, peekKind, peekType, peekOwner, peekNote } = link.dataset;
  box.replaceChildren(
    line("peek-title", link.textContent.trim()),
    line("muted small", [peekKind, peekType].filter(Boolean).join(" · ")),
    ...(peekNote ? [line("peek-note", peekNote)] : []),
    ...(peekOwner ? [line("small", `${box.dataset.ownerLabel} ${peekOwner}`)] : []),
    line("muted small mono", peek),
  );
  // The browser would show the title as well, on top.
  link.dataset.peekSubtitle = link.title;
  link.removeAttribute("title");
  link.setAttribute("aria-describedby", box.id);
  shown = link;
  box.hidden = false;
  place(link);
}

function place(link) {
  const at = link.getClientRects()[0] ?? link.getBoundingClientRect();
  const { width, height } = box.getBoundingClientRect();
  const left = Math.max(GAP_PX, Math.min(at.left, innerWidth - width - GAP_PX));
  const below = at.bottom + GAP_PX;
  const top = below + height > innerHeight ? Math.max(GAP_PX, at.top - height - GAP_PX) : below;
  box.style.setProperty("--peek-left", `${left}px`);
  box.style.setProperty("--peek-top", `${top}px`);
}

function hide() {
  clearTimeout(timer);
  if (!shown) return;
  shown.title = shown.dataset.peekSubtitle;
  shown.removeAttribute("aria-describedby");
  shown = null;
  box.hidden = true;
}

const linkOf = (event) => (event.target instanceof Element ? event.target.closest("[data-peek]") : null);

if (box) {
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const link = linkOf(event);
    if (link && link !== shown) {
      clearTimeout(timer);
      timer = setTimeout(show, DELAY_MS, link);
    } else if (!link && !box.contains(event.target)) {
      hide();
    }
  });
  document.addEventListener("focusin", (event) => {
    const link = linkOf(event);
    if (link?.matches(":focus-visible")) show(link);
    else hide();
  });
  document.addEventListener("focusout", hide);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });
  addEventListener("scroll", hide, { passive: true, capture: true });
}
