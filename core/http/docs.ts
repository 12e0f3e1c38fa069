import { type AnyElysia, Elysia } from "elysia";
import icon from "swagger-ui-dist/favicon-32x32.png" with { type: "file" };
import swaggerCss from "swagger-ui-dist/swagger-ui.css" with { type: "file" };
import swaggerJs from "swagger-ui-dist/swagger-ui-bundle.js" with { type: "file" };
import pageCss from "./docs/page.css" with { type: "file" };
import pageJs from "./docs/page.js" with { type: "file" };

/** What the page may load: what this server has, and nothing inline. Icons of Swagger UI's style sheet are data. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const PAGE = `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Buildomat API</title>
    <link rel="icon" href="/docs/icon.png" type="image/png">
    <link rel="stylesheet" href="/docs/swagger-ui.css">
    <link rel="stylesheet" href="/docs/page.css">
  </head>
  <body>
    <div id="api"></div>
    <noscript><p>These pages need JavaScript; the document itself is at <a href="/docs/openapi.json">/docs/openapi.json</a>.</p></noscript>
    <script src="/docs/swagger-ui.js"></script>
    <script src="/docs/page.js"></script>
  </body>
</html>
`;

/** Path of each file, its place in the program, and its type. */
const FILES: [path: string, file: string, type: string][] = [
  ["/docs/page.js", pageJs, "text/javascript; charset=utf-8"],
  ["/docs/page.css", pageCss, "text/css; charset=utf-8"],
  ["/docs/swagger-ui.js", swaggerJs, "text/javascript; charset=utf-8"],
  ["/docs/swagger-ui.css", swaggerCss, "text/css; charset=utf-8"],
  ["/docs/icon.png", icon, "image/png"],
];

/** The API's own pages, complete without any other server. @param document is asked for once, when the routes are all there */
export function docsRoutes(document: () => object): AnyElysia {
  const routes: AnyElysia = new Elysia({ name: "docs" });
  for (const [path, file, type] of FILES) routes.get(path, () => new Response(Bun.file(file), { headers: headersOf(type) }));
  let text: string | undefined;
  routes.get("/docs", () => new Response(PAGE, { headers: headersOf("text/html; charset=utf-8") }));
  return routes.get("/docs/openapi.json", () => {
    text ??= JSON.stringify(document());
    return new Response(text, { headers: headersOf("application/json") });
  });
}

const headersOf = (type: string) => ({
  "content-type": type,
  "content-security-policy": POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-cache",
});
