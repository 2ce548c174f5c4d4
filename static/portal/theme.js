// Light, dark or as the system says. The server writes the choice into <html data-theme>, from the cookie that is set
// here, so a page never flashes in the wrong colours.

import { remember } from "./portal.js";

/** Apply a theme ("light", "dark" or "auto") to this page and remember it for the next ones. */
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

document.addEventListener("portal:command", (event) => {
  const [command, theme] = event.detail.action.split(":");
  if (command === "theme") chooseTheme(theme);
});
