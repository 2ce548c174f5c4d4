// The catalog's list. Everything here only saves a step; the list works without.

// A text that is looked for among a filter's values changes no list yet.
document.addEventListener(
  "change",
  (event) => {
    if (event.target.matches("[data-finds]")) event.stopPropagation();
  },
  true,
);

// htmx knows which button submits a form only if it stands in the form.
document.addEventListener("htmx:configRequest", (event) => {
  const button = event.detail.triggeringEvent?.submitter;
  if (button?.name) event.detail.parameters[button.name] = button.value;
});

// The chip that was pressed is gone with what it took away: go on from the list's title.
document.addEventListener("htmx:afterSettle", () => {
  if (document.activeElement !== document.body) return;
  document.getElementById("catalog-title")?.focus({ preventScroll: true });
});
