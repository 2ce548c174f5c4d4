// Light, dark or as the system says. The server writes the choice into <html data-theme>, from the cookie that is set
// here, so a page never flashes in the wrong colours.

const COOKIE = "portal_theme";
const YEAR = 365 * 24 * 60 * 60;

/** Apply a theme ("light", "dark" or "auto") to this page and remember it for the next ones. */
export function chooseTheme(theme) {
  document.documentElement.dataset.theme = theme;
  document.cookie = `${COOKIE}=${theme}; path=/; max-age=${YEAR}; samesite=lax`;
  for (const control of document.querySelectorAll("[data-theme-choice]")) {
    control.setAttribute("aria-pressed", String(control.dataset.themeChoice === theme));
  }
}

document.addEventListener("click", (event) => {
  const control = event.target.closest("[data-theme-choice]");
  if (control) chooseTheme(control.dataset.themeChoice);
});
