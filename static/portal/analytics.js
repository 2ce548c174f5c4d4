// Reports what people do to the portal, which hands it to the analytics that are attached; pages load this only if there
// are some. Scripts of extensions report their own events by  document.dispatchEvent(new CustomEvent("portal:analytics",
// {detail: {action, subject, value, attributes}})).

const { analytics: address, plugin = "", page = "" } = document.body.dataset;
const LONGEST_SUBJECT = 200;

function report({ action, subject, value, attributes }) {
  const headers = JSON.parse(document.body.getAttribute("hx-headers") || "{}");
  const context = { pluginId: plugin, extensionId: page, path: location.pathname };
  fetch(address, {
    method: "POST",
    keepalive: true,
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify({ action, subject, value, attributes, context }),
  }).catch(() => {
    // Nobody's work depends on it.
  });
}

if (address) {
  report({ action: "navigate", subject: location.pathname });
  document.addEventListener("htmx:pushedIntoHistory", () => report({ action: "navigate", subject: location.pathname }));
  document.addEventListener("click", (event) => {
    const control = event.target.closest("a[href], button");
    if (!control) return;
    const subject = (control.getAttribute("aria-label") || control.textContent).trim().replace(/\s+/g, " ");
    const extension = control.closest("[data-extension]")?.dataset.extension ?? "";
    const attributes = { extension, ...(control.href ? { to: control.href } : {}) };
    report({ action: "click", subject: subject.slice(0, LONGEST_SUBJECT), attributes });
  });
  document.addEventListener("portal:analytics", (event) => report(event.detail));
}
