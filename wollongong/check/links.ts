import type { Wollongong } from "../wollongong.ts";
import type { RunRow, SuiteRow } from "./table.ts";

type Configured = Pick<Wollongong, "config">;

const base = ({ config }: Configured) => config.base_url.replace(/\/$/, "");

/** The key in it is what lets its reader in. */
export const detailsUrl = (wo: Configured, { id, url_key }: Pick<SuiteRow, "id" | "url_key">, run: Pick<RunRow, "id">): string =>
  `${base(wo)}/details/${id}/${url_key}/${run.id}`;

/** The last part of the path is there for whoever saves the file, and to tell its type. */
export const artefactUrl = (
  wo: Configured,
  { id, url_key }: Pick<SuiteRow, "id" | "url_key">,
  run: Pick<RunRow, "id">,
  output: { id: string; path: string },
): string =>
  `${base(wo)}/artefact/${id}/${url_key}/${run.id}/${output.id}/${encodeURIComponent(output.path.slice(output.path.lastIndexOf("/") + 1))}`;

export const isLog = (path: string): boolean => /\.log(\.[0-9]+)?$/.test(path);
