import { createApp } from "../../core/app.ts";
import type { Core } from "../../core/core.ts";
import { openApiDocument } from "../../core/http/openapi.ts";
import { clientSource, type Document } from "./client.ts";
import { configurationPage } from "./configuration.ts";

/** Everything that is made from the code: the document, the client made from it, the page about the configuration. */
export function generate(): Record<string, string> {
  // Routes are only looked at, never called: they need nothing of a core.
  const core = { config: { general: { data: "." } }, logger: undefined } as unknown as Core;
  const document = openApiDocument(createApp(core));
  return {
    "core/client/openapi.json": `${JSON.stringify(document, null, 2)}\n`,
    "core/client/operations.ts": clientSource(document as unknown as Document),
    "docs/configuration.md": configurationPage(),
  };
}

if (import.meta.main) for (const [file, text] of Object.entries(generate())) await Bun.write(file, text);
