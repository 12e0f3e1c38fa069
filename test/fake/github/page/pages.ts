import { commitInfo, revision } from "../git.ts";
import { fullName } from "../shape/repository.ts";
import type { Repository } from "../state.ts";
import type { Verbs } from "../verbs.ts";
import { html, page } from "./html.ts";
import { listRepositories, showOneCommit, showOnePull, showRepository, showRun } from "./views.ts";

const notFound = () => page("Not found", html`<p>There is nothing here.</p>`, { status: 404 });

/** What people see and press in a browser. */
export async function servePage(verbs: Verbs, request: Request, path: string): Promise<Response> {
  const { hub } = verbs;
  if (path === "/") return listRepositories(hub);
  const [owner = "", name = "", what, id = "", verb] = path.slice(1).split("/").map(decodeURIComponent);
  const repository = hub.state.repository(owner, name);
  if (!repository) return notFound();
  if (request.method === "POST") return await press(verbs, request, repository, { what, id, verb });
  if (what === undefined) return await showRepository(hub, repository);
  const run = what === "runs" ? hub.state.runs.get(Number(id)) : undefined;
  if (run?.suite.repository === repository) return showRun(run);
  const pull = what === "pull" ? hub.state.pull(repository, Number(id)) : undefined;
  if (pull) return showOnePull(hub, pull);
  const sha = what === "commit" ? await revision(hub.pathOf(repository), id) : undefined;
  return sha ? await showOneCommit(hub, repository, await commitInfo(hub.pathOf(repository), sha)) : notFound();
}

interface Pressed {
  what: string | undefined;
  id: string;
  verb: string | undefined;
}

/** A button; afterwards the browser is back where it was. */
async function press(verbs: Verbs, request: Request, repository: Repository, pressed: Pressed): Promise<Response> {
  const { web } = verbs.hub.places;
  const origin = request.headers.get("origin");
  if (origin !== null && origin !== web) return page("Refused", html`<p>This form is from another place.</p>`, { status: 403 });
  const form = new URLSearchParams(await request.text());
  const field = (name: string, otherwise = "") => form.get(name)?.trim() || otherwise;
  try {
    if (!(await act(verbs, repository, pressed, field))) return notFound();
  } catch (error) {
    return page("That did not work", html`<p>${String(error)}</p>`, { status: 422 });
  }
  const from = request.headers.get("referer") ?? "";
  const location = from.startsWith(`${web}/`) ? from : `${web}/${fullName(repository)}`;
  return new Response(null, { status: 303, headers: { location } });
}

type Field = (name: string, otherwise?: string) => string;

async function act(verbs: Verbs, repository: Repository, { what, id, verb }: Pressed, field: Field): Promise<boolean> {
  const by = verbs.hub.state.keeperOf(repository);
  if (what === "push") {
    const content = field("content").replaceAll("\r\n", "\n");
    const options = { by: field("by", by.login), message: field("message", "A change") };
    await verbs.commit(
      repository,
      field("branch", repository.defaultBranch),
      { [field("path", "notes.txt")]: `${content}\n` },
      options,
    );
    return true;
  }
  if (what === "pull") {
    await verbs.openPullRequest(repository, { head: field("head"), title: field("title", `Merge ${field("head")}`), by });
    return true;
  }
  const run = what === "runs" ? verbs.hub.state.runs.get(Number(id)) : undefined;
  const suite = what === "suites" ? verbs.hub.state.suites.get(Number(id)) : undefined;
  if (run?.suite.repository === repository && verb === "rerequest") verbs.rerequestRun(run, by);
  else if (run?.suite.repository === repository && verb === "action") verbs.requestAction(run, field("identifier"), by);
  else if (suite?.repository === repository && verb === "rerequest") verbs.rerequestSuite(suite, by);
  else return false;
  return true;
}
