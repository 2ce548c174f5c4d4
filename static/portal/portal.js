// Progressive enhancement of the shell: everything here only saves a step. Markup says what it wants in data attributes:
//   data-copy="text"         a button that copies the text
//   data-shortcut="/"        a key, or keys one after the other ("g c"), that focuses the field, follows the link, or
//                            opens the <dialog>
//   data-submits             a form that is sent when one of its controls changes; its .without-js button is hidden
//   data-opens="id"          a button or link that opens that <dialog>; data-closes closes the one that it is in
//   data-source="/…"         a <dialog> whose content is fetched when it is first opened
//   data-script="/…"         a <dialog> whose module is loaded when it is first opened; portal:opened is told it then
//   data-theme-choice="dark" a button that chooses a theme
//   data-close-outside       a <details> that closes when something else is clicked, or on Escape
//   data-sidebar-form        a form that collapses or pins the sidebar

const YEAR = 365 * 24 * 60 * 60;
/** How long the second key of a shortcut may take, in milliseconds. */
const PATIENCE = 1500;

document.documentElement.classList.add("js");

// htmx, which comes after this, looks for hx-on:… in every attribute of the page, and of each fragment. The
// Content-Security-Policy lets nobody obey those, and on a large page the search takes longer than all else htmx does.
const { createExpression } = XPathEvaluator.prototype;
XPathEvaluator.prototype.createExpression = function (expression, resolver) {
  if (expression.includes("hx-on:")) return { evaluate: () => ({ iterateNext: () => null }) };
  return createExpression.call(this, expression, resolver);
};

/** Have the browser remember a value; the server reads it for the next page. */
export function remember(cookie, value) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `${cookie}=${value}; path=/; max-age=${YEAR}; samesite=lax${secure}`;
}

// --- Toasts ---

const toasts = document.querySelector(".toasts") ?? document.createElement("div");
if (!toasts.isConnected) {
  toasts.className = "toasts";
  toasts.setAttribute("role", "status");
  document.body.append(toasts);
}
const timeout = Number(toasts.dataset.timeout) || 5000;

function fade(item) {
  setTimeout(() => item.remove(), timeout);
}

for (const item of toasts.children) fade(item);

/** Show a short message for a few seconds; screen readers announce it. */
export function toast(message, severity = "info") {
  const item = document.createElement("p");
  item.className = "toast";
  item.dataset.severity = severity;
  item.textContent = message;
  toasts.append(item);
  fade(item);
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast("Copied");
  } catch {
    toast("The browser did not allow copying", "error");
  }
}

// A fragment that doesn't come must not look like a list that is still true.
for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, () => toast("That didn't work. Reload the page, or try again in a moment.", "error"));
}

// --- Dialogs ---

/** Open a <dialog>, and fetch its content and its module if it has none yet. Other dialogs are closed. */
export async function openDialog(dialog) {
  for (const other of document.querySelectorAll("dialog[open]")) if (other !== dialog) other.close();
  if (dialog.dataset.source && !dialog.childElementCount) {
    const response = await fetch(dialog.dataset.source);
    if (!response.ok) return toast("That didn't work. Reload the page, or try again in a moment.", "error");
    dialog.innerHTML = await response.text();
  }
  if (!dialog.open) dialog.showModal();
  if (dialog.dataset.script) await import(dialog.dataset.script);
  dialog.dispatchEvent(new CustomEvent("portal:opened"));
}

document.addEventListener("click", (event) => {
  const { target } = event;
  const copies = target.closest("[data-copy]");
  if (copies) copy(copies.dataset.copy === "" ? location.href : copies.dataset.copy);
  const opens = target.closest("[data-opens]");
  const dialog = opens && document.getElementById(opens.dataset.opens);
  if (dialog) {
    event.preventDefault();
    openDialog(dialog);
  }
  if (target.closest("[data-closes]") || target.matches("dialog[open]")) target.closest("dialog")?.close();
  for (const details of document.querySelectorAll("details[data-close-outside][open]")) {
    if (!details.contains(target) || (opens && details.contains(opens))) details.open = false;
  }
});

document.addEventListener("change", (event) => {
  const form = event.target.form;
  // htmx sends its own forms; this serves the others.
  if (form?.matches("[data-submits]:not([hx-get])")) form.requestSubmit();
});

// --- The sidebar ---

/** Collapse the sidebar or pin it; without a state, do what it isn't. */
export function setSidebar(state) {
  const root = document.documentElement;
  root.dataset.sidebar = state ?? (root.dataset.sidebar === "collapsed" ? "pinned" : "collapsed");
  remember("portal_sidebar", root.dataset.sidebar);
  for (const control of document.querySelectorAll("[data-sidebar-choice]")) {
    control.setAttribute("aria-pressed", String(control.dataset.sidebarChoice === root.dataset.sidebar));
  }
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-sidebar-form]") || !event.submitter) return;
  event.preventDefault();
  setSidebar(event.submitter.value);
  // The button that was pressed may be hidden now, with the other one in its place.
  const shown = [...event.target.querySelectorAll("button")].find((button) => button.checkVisibility());
  if (!event.submitter.checkVisibility()) shown?.focus();
});

// --- Light, dark or as the system says ---

/** Apply a theme and remember it. The server writes it into the next pages: none flashes in the wrong colours. */
export function chooseTheme(theme) {
  document.documentElement.dataset.theme = theme;
  remember("portal_theme", theme);
  for (const control of document.querySelectorAll("[data-theme-choice]")) {
    control.setAttribute("aria-pressed", String(control.dataset.themeChoice === theme));
  }
}

document.addEventListener("click", (event) => {
  const control = event.target.closest("[data-theme-choice]");
  if (control) {
    event.preventDefault();
    chooseTheme(control.dataset.themeChoice);
  }
});

// --- Commands ---

document.addEventListener("portal:command", (event) => {
  const [command, value] = event.detail.action.split(":");
  if (command === "sidebar") setSidebar();
  if (command === "theme") chooseTheme(value);
});

// --- Keys ---

/** A dialog that has just been closed may have the focus for a moment yet; nobody types there. */
const typing = (element) => element.matches("input, textarea, select, [contenteditable]") && element.checkVisibility();
let pressed = [];
let forget;

function use(wanted) {
  if (wanted.matches("dialog")) {
    openDialog(wanted);
  } else if (typing(wanted)) {
    wanted.focus();
    wanted.select?.();
  } else {
    wanted.click();
  }
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const open = event.target.closest("details[data-close-outside][open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
    return;
  }
  const palette = document.getElementById("palette");
  if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k" && palette) {
    event.preventDefault();
    openDialog(palette);
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
  if (event.target.closest("dialog[open]")) return;
  if (["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
  clearTimeout(forget);
  forget = setTimeout(() => (pressed = []), PATIENCE);
  pressed = [...pressed, event.key].slice(-2);
  const candidates = [...document.querySelectorAll("[data-shortcut]")];
  const keys = [pressed.join(" "), event.key];
  const wanted = candidates.find((one) => one.dataset.shortcut === keys[0]) ?? candidates.find((one) => one.dataset.shortcut === keys[1]);
  if (wanted) {
    pressed = [];
    event.preventDefault();
    use(wanted);
  } else if (event.key === "/" && palette) {
    event.preventDefault();
    openDialog(palette);
  } else if (event.key === "[") {
    setSidebar();
  }
});
