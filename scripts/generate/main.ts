import { createApp } from "../../core/app.ts";
import type { Core } from "../../core/core.ts";
import { openApiDocument } from "../../core/http/openapi.ts";
import { clientSource, type Document } from "./client.ts";

/** The document and the client made from it, as they should stand in core/client/. */
export function generate(): Record<string, string> {
  // Routes are only looked at, never called: they need nothing of a core.
  const core = { config: { general: { data: "." } }, logger: undefined } as unknown as Core;
  const document = openApiDocument(createApp(core), "1.0.0");
  return {
    "core/client/openapi.json": `${JSON.stringify(document, null, 2)}\n`,
    "core/client/operations.ts": clientSource(document as unknown as Document),
  };
}

if (import.meta.main) for (const [file, text] of Object.entries(generate())) await Bun.write(file, text);
