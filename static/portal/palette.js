// The command palette: asks the server what a query finds, and lets one choose by keys. The field keeps the focus; what
// is chosen is told to assistive technology by aria-activedescendant.

const DEBOUNCE = 120;

const palette = document.getElementById("palette");
const field = palette?.querySelector(".palette-input");
const results = palette?.querySelector(".palette-results");
const status = palette?.querySelector(".palette-status");
let asked = 0;
let waiting;

const options = () => [...results.querySelectorAll("[role=option]")];
const chosen = () => results.querySelector("[aria-selected=true]");

function choose(option) {
  chosen()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) field.setAttribute("aria-activedescendant", option.id);
  else field.removeAttribute("aria-activedescendant");
}

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function optionOf(item, index) {
  // A link, so that it can be opened in another tab; the field keeps the focus, so it is no stop of its own.
  const option = element(item.url ? "a" : "div", "palette-item");
  option.id = `palette-option-${index}`;
  option.setAttribute("role", "option");
  option.setAttribute("aria-selected", "false");
  option.tabIndex = -1;
  if (item.url) option.href = item.url;
  else option.dataset.action = item.action;
  const icon = element("span", "palette-icon");
  // An SVG that the server has drawn; everything else is text.
  icon.innerHTML = item.icon;
  option.append(icon, element("span", "palette-title", item.title));
  if (item.note) option.append(element("span", "palette-note", item.note));
  if (item.keys) option.append(element("kbd", "kbd", item.keys));
  return option;
}

function show(groups) {
  results.replaceChildren();
  let index = 0;
  for (const [number, group] of groups.entries()) {
    const box = element("div", "palette-group");
    const title = element("p", "palette-heading", group.title);
    title.id = `palette-group-${number}`;
    box.setAttribute("role", "group");
    box.setAttribute("aria-labelledby", title.id);
    box.append(title, ...group.items.map((item) => optionOf(item, index++)));
    results.append(box);
  }
  field.setAttribute("aria-expanded", String(index > 0));
  status.textContent = index ? "" : palette.dataset.empty;
  choose(options()[0]);
}

async function ask() {
  const turn = ++asked;
  try {
    const response = await fetch(`${palette.dataset.source}?q=${encodeURIComponent(field.value)}`);
    if (!response.ok) throw new Error(String(response.status));
    const { groups } = await response.json();
    // An older answer may come after a newer one.
    if (turn === asked) show(groups);
  } catch {
    if (turn === asked) {
      show([]);
      status.textContent = palette.dataset.failed;
    }
  }
}

function run(option) {
  if (option.href) {
    location.assign(option.href);
    return;
  }
  palette.close();
  document.dispatchEvent(new CustomEvent("portal:command", { detail: { action: option.dataset.action } }));
}

if (palette) {
  palette.addEventListener("portal:opened", () => {
    field.focus();
    ask();
  });
  // Not when it is opened: somebody may be quicker than this script.
  palette.addEventListener("close", () => {
    field.value = "";
  });
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, DEBOUNCE);
  });
  field.addEventListener("keydown", (event) => {
    const all = options();
    const at = all.indexOf(chosen());
    const moves = { ArrowDown: at + 1, ArrowUp: at - 1 };
    if (event.key in moves && all.length) {
      event.preventDefault();
      choose(all[(moves[event.key] + all.length) % all.length]);
    } else if (event.key === "Enter" && chosen()) {
      event.preventDefault();
      run(chosen());
    }
  });
  results.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (!option || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    run(option);
  });
}
