// Swagger UI in its frame. The definition and the methods that may be tried are in the document.

const root = document.documentElement;
const setDark = (isDark) => root.classList.toggle("dark-mode", isDark);

setDark(
  root.dataset.theme === "dark" ||
    (root.dataset.theme !== "light" && window.matchMedia("(prefers-color-scheme: dark)").matches),
);
window.addEventListener("message", (event) => {
  if (event.source === window.parent && event.data?.colorScheme) setDark(event.data.colorScheme === "dark");
});

const { spec, methods } = JSON.parse(document.getElementById("options").textContent);
window.SwaggerUIBundle({
  spec,
  dom_id: "#viewer",
  supportedSubmitMethods: methods,
  validatorUrl: null,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  persistAuthorization: false,
});
