// A definition's page. Markup says what it wants in data attributes:
//   data-copy-from="/address"   a button that copies the text at that address; data-copied and data-failed are said then

async function copyFrom(button) {
  const label = button.querySelector("[aria-live]");
  const before = label.textContent;
  try {
    const response = await fetch(button.dataset.copyFrom, { credentials: "same-origin" });
    if (!response.ok) throw new Error(String(response.status));
    await navigator.clipboard.writeText(await response.text());
    label.textContent = button.dataset.copied;
  } catch {
    label.textContent = button.dataset.failed;
  }
  setTimeout(() => (label.textContent = before), 2000);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy-from]");
  if (button) copyFrom(button);
});

// The frame is of no origin and can't see the page, so it is told when the colours change.
const frame = document.querySelector(".definition-frame");
if (frame) {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const tell = () => {
    const scheme = getComputedStyle(document.documentElement).colorScheme;
    const isDark = scheme.includes("dark") && (!scheme.includes("light") || dark.matches);
    frame.contentWindow.postMessage({ colorScheme: isDark ? "dark" : "light" }, "*");
  };
  frame.addEventListener("load", tell);
  dark.addEventListener("change", tell);
  new MutationObserver(tell).observe(document.documentElement, { attributeFilter: ["data-theme"] });
}
