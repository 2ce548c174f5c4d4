// Progressive enhancement of the shell: everything here only saves a step. Markup says what it wants in data attributes:
//   data-copy="text"         a button that copies the text
//   data-shortcut="/"        a key that focuses the field or follows the link
//   data-submits             a form that is sent when one of its controls changes; its .without-js button is hidden
//   data-opens="id"          a button that opens that <dialog>; data-closes closes the one that it is in
//   data-close-outside       a <details> that closes when something else is clicked, or on Escape

document.documentElement.classList.add("js");

const status = document.createElement("div");
status.className = "toasts";
status.setAttribute("role", "status");
document.body.append(status);

/** Show a short message for four seconds; screen readers announce it. */
export function toast(message) {
  const item = document.createElement("p");
  item.className = "toast";
  item.textContent = message;
  status.append(item);
  setTimeout(() => item.remove(), 4000);
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast("Copied");
  } catch {
    toast("The browser did not allow copying");
  }
}

document.addEventListener("click", (event) => {
  const { target } = event;
  const copies = target.closest("[data-copy]");
  if (copies) copy(copies.dataset.copy === "" ? location.href : copies.dataset.copy);
  const opens = target.closest("[data-opens]");
  if (opens) document.getElementById(opens.dataset.opens)?.showModal();
  if (target.closest("[data-closes]")) target.closest("dialog")?.close();
  for (const details of document.querySelectorAll("details[data-close-outside][open]")) {
    if (!details.contains(target)) details.open = false;
  }
});

// A fragment that doesn't come must not look like a list that is still true.
for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, () => toast("That didn't work. Reload the page, or try again in a moment."));
}

document.addEventListener("change", (event) => {
  const form = event.target.form;
  // htmx sends its own forms; this serves the others.
  if (form?.matches("[data-submits]:not([hx-get])")) form.requestSubmit();
});

const typing = (element) => element.matches("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const open = event.target.closest("details[data-close-outside][open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const wanted = [...document.querySelectorAll("[data-shortcut]")].find((one) => one.dataset.shortcut === event.key);
  if (!wanted) return;
  event.preventDefault();
  if (typing(wanted)) {
    wanted.focus();
    wanted.select?.();
  } else {
    wanted.click();
  }
});
