import { listTree, readBlob, revision, type TreeEntry } from "../git.ts";
import { fullName } from "../shape/repository.ts";
import type { Repository } from "../state.ts";
import { type Answer, type Call, ok, Refusal } from "./call.ts";

/** Over this the text of a file is left out. */
const MOST_INLINE = 1024 * 1024;
/** Over this there is no way but git. */
const MOST_RAW = 100 * 1024 * 1024;

interface Place {
  call: Call;
  repository: Repository;
  dir: string;
  sha: string;
  /** As asked for, for the addresses. */
  ref: string;
}

/** A file, a directory, a link or a submodule at a commit; raw or as an object where the request asks for it. */
export async function getContents(call: Call): Promise<Answer> {
  const repository = call.repository("contents", "read");
  const dir = call.hub.pathOf(repository);
  const ref = call.query.get("ref") ?? repository.defaultBranch;
  const sha = await revision(dir, ref);
  if (!sha)
    throw new Refusal(404, (await revision(dir, "HEAD")) ? `No commit found for the ref ${ref}` : "This repository is empty.");
  const place: Place = { call, repository, dir, sha, ref };
  const path = call.param("path").replace(/^\/+|\/+$/g, "");
  if (path === "") return await directory(place, "");
  const [entry] = await listTree(dir, sha, path, false);
  if (!entry) throw new Refusal(404, "Not Found");
  if (entry.type === "tree") return await directory(place, path);
  return await file(place, entry);
}

const wants = ({ call }: Place, kind: string) => (call.request.headers.get("accept") ?? "").includes(`.${kind}`);

const typeOf = ({ type, mode }: TreeEntry) =>
  type === "tree" ? "dir" : type === "commit" ? "submodule" : mode === "120000" ? "symlink" : "file";

/** At most 1000 entries. */
async function directory(place: Place, path: string): Promise<Answer> {
  const entries = (await listTree(place.dir, place.sha, path)).slice(0, 1000);
  // A submodule is called a file in lists, for old clients' sake; so GitHub says.
  const listed = entries.map((entry) => ({ ...shape(place, entry), type: entry.type === "commit" ? "file" : typeOf(entry) }));
  if (!wants(place, "object")) return ok(listed);
  return ok({ ...shape(place, { mode: "040000", type: "tree", sha: place.sha, size: 0, path }), type: "dir", entries: listed });
}

async function file(place: Place, entry: TreeEntry): Promise<Answer> {
  const type = typeOf(entry);
  const base = { ...shape(place, entry), type };
  if (type === "submodule") return ok({ ...base, submodule_git_url: "https://example.com/submodule" });
  if (entry.size > MOST_RAW) throw new Refusal(403, "This API returns blobs up to 100 MB in size.");
  const bytes = Buffer.from(await readBlob(place.dir, entry.sha));
  if (wants(place, "raw")) return { ...ok(bytes), headers: { "content-type": "application/vnd.github.raw+json; charset=utf-8" } };
  if (type === "symlink") return ok({ ...base, target: bytes.toString() });
  if (entry.size > MOST_INLINE) return ok({ ...base, encoding: "none", content: "" });
  // GitHub breaks the lines of base64.
  return ok({ ...base, encoding: "base64", content: bytes.toString("base64").replace(/.{1,60}/g, "$&\n") });
}

function shape({ call, repository, ref }: Place, entry: TreeEntry) {
  const { api, web } = call.hub.places;
  const path = entry.path.split("/").map(encodeURIComponent).join("/");
  const self = `${api}/repos/${fullName(repository)}/contents/${path}?ref=${encodeURIComponent(ref)}`;
  const git = `${api}/repos/${fullName(repository)}/git/${entry.type === "tree" ? "trees" : "blobs"}/${entry.sha}`;
  const html = `${web}/${fullName(repository)}/${entry.type === "tree" ? "tree" : "blob"}/${ref}/${path}`;
  return {
    name: entry.path.split("/").at(-1) ?? "",
    path: entry.path,
    sha: entry.sha,
    size: entry.size,
    url: self,
    html_url: html,
    git_url: git,
    download_url: entry.type === "blob" ? `${web}/${fullName(repository)}/raw/${ref}/${path}` : null,
    _links: { self, git, html },
  };
}
