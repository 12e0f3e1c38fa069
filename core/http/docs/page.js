/* global SwaggerUIBundle -- set by /docs/swagger-ui.js */

// Swagger UI has its own dark colours, switched by this class; the system decides.
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

SwaggerUIBundle({
  url: "/docs/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayOperationId: true,
  filter: true,
  tagsSorter: "alpha",
  // Answers of other servers are none of its business: nothing leaves this one.
  validatorUrl: null,
});
