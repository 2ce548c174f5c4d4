// The dialog of an entity's page. Without scripts it is part of the page, at an address of its own; here it opens over the
// page, keeps the focus, and its address comes and goes with it.

const dialog = () => document.getElementById("entity-dialog");
const fill = (name) => dialog().replaceChildren(document.getElementById(`entity-dialog-${name}`).content.cloneNode(true));
const focusTitle = () => document.getElementById("entity-dialog-title")?.focus();

/** Make what the server has opened a modal dialog. */
function upgrade() {
  const box = dialog();
  if (!box?.open || box.matches(":modal")) return;
  box.removeAttribute("open");
  box.showModal();
  focusTitle();
}

function openFor(link) {
  const menu = link.closest("details");
  if (menu) {
    menu.open = false;
    // Where the focus returns to: the link is hidden by then.
    menu.querySelector("summary").focus();
  }
  fill("loading");
  dialog().showModal();
  history.pushState({ dialog: true }, "", link.href);
}

upgrade();
document.addEventListener("htmx:historyRestore", upgrade);

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.target !== dialog()) return;
  if (!detail.target.open) openFor(detail.elt);
  else history.replaceState(history.state, "", detail.elt.href);
});

document.addEventListener("htmx:afterSettle", ({ detail }) => {
  const box = dialog();
  // A tab of the dialog keeps the focus; what was in its place before does not.
  if (detail.target === box && !box.contains(document.activeElement)) focusTitle();
});

for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, ({ detail }) => {
    if (detail.target === dialog()) fill("failed");
  });
}

document.addEventListener("click", (event) => {
  const box = dialog();
  if (!box?.matches(":modal")) return;
  if (event.target.closest("[data-dialog-closes]")) {
    event.preventDefault();
    box.close();
  } else if (event.target === box) {
    // The backdrop counts as the dialog itself; what is inside has elements of its own.
    box.close();
  }
});

document.addEventListener(
  "close",
  ({ target }) => {
    if (target !== dialog()) return;
    target.replaceChildren();
    if (history.state?.dialog) history.back();
    else if (location.search) history.replaceState(null, "", target.dataset.closeUrl);
  },
  true,
);

window.addEventListener("popstate", () => {
  const box = dialog();
  if (!box) return;
  if (history.state?.dialog) location.reload();
  else if (box.open) box.close();
});
