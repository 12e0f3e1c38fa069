import type { Client } from "../../core/client/client.ts";
import { inWords } from "../../core/common/duration.ts";
import { detailsUrl } from "../check/links.ts";
import { runsOf } from "../check/runs.ts";
import type { RunRow } from "../check/table.ts";
import type { Wollongong } from "../wollongong.ts";
import { html, htmlAround } from "./answer.ts";
import { Facts, State } from "./facts.tsx";
import { Layout, Time } from "./layout.tsx";
import type { Loaded } from "./load.ts";
import { rowHtml } from "./log-row.ts";

/** So much of a log is shown at once, bytes of text. */
const MOST_LOG = 15 * 1024 * 1024;
/** Where somebody wants to see how it ended. */
const LAST_LINES = 1000;
const HOLE = "<!--rows-->";

/** What of the log a reader wants to see. */
interface View {
  /** The times of the machine beside those of the core. */
  local: boolean;
  /** The first line. */
  from: number;
}

/** The page behind "Details" of a check run; without its log, where only what is said above it is wanted. */
export async function detailsPage(wo: Wollongong, loaded: Loaded, view: View, log: boolean): Promise<Response> {
  const { run, suite } = loaded;
  if (run.variety === "control") return controlPage(wo, loaded);
  const core = wo.coreOf(suite.repo);
  const path = { job: run.job ?? "" };
  const [job, outputs] =
    run.job === null
      ? [undefined, []]
      : await Promise.all([core.call("job_get", { path }), core.call("job_outputs_get", { path })]);
  const page = (
    <Layout title={`${run.name} - ${run.id}`} live={run.state !== "over"}>
      <Header loaded={loaded} />
      <main>
        <Facts wo={wo} loaded={loaded} job={job} outputs={outputs} />
        <Instances wo={wo} loaded={loaded} />
        {run.job === null ? null : (
          <>
            <h2>
              Log <LogLinks view={view} lines={job?.log?.count ?? 0} />
            </h2>
            <table id="table_output" class={view.local ? "log all" : "log"} data-live={`./${run.id}/live`}>
              <thead>
                <tr>
                  <th>SEQ</th>
                  <th>GLOBAL TIME</th>
                  <th class="local">LOCAL TIME</th>
                  <th>DETAILS</th>
                </tr>
              </thead>
              <tbody dangerouslySetInnerHTML={{ __html: HOLE }} />
            </table>
          </>
        )}
        {run.state === "over" ? null : (
          <>
            <p id="waiting" data-live={`./${run.id}/live`}>
              {run.job === null
                ? "The job is not submitted yet. This page shows it when it is."
                : "Further lines are shown as they come."}
            </p>
            <button type="button" id="below" hidden>
              New lines below
            </button>
          </>
        )}
      </main>
    </Layout>
  );
  return run.job === null || !log ? html(page) : htmlAround(page, HOLE, rows(core, run.job, view));
}

/** Other views of the same log. Once it has ended it is known how many `lines` it has. */
const LogLinks = ({ view, lines }: { view: View; lines: number }) => (
  <>
    <a class="quiet" href={address({ ...view, local: !view.local })}>
      {view.local ? "without local times" : "with local times"}
    </a>
    {view.from === 1 ? null : (
      <>
        {" "}
        <a class="quiet" href={address({ ...view, from: 1 })}>
          from its beginning
        </a>
      </>
    )}
    {lines === 0 ? null : (
      <>
        {" "}
        <a class="quiet" href={`${address({ ...view, from: Math.max(1, lines - LAST_LINES + 1) })}#S${lines}`}>
          to its end
        </a>
      </>
    )}
  </>
);

/** Of this page, with a view of its log. */
const address = ({ local, from }: View): string =>
  `?${new URLSearchParams({ ...(local ? { ts: "all" } : {}), ...(from === 1 ? {} : { from: String(from) }) })}`;

/** The stored log, page by page. */
async function* rows(core: Client, job: string, view: View): AsyncGenerator<string> {
  let bytes = 0;
  let task: number | null | undefined;
  for (let minseq = view.from; ; ) {
    const events = await core.call("job_events_get", { path: { job }, query: { minseq } });
    if (events.length === 0) return;
    if (bytes >= MOST_LOG) return yield goesOn(job, address({ ...view, from: minseq }));
    let html = "";
    for (const event of events) {
      html += rowHtml(event, task);
      task = event.task ?? null;
      bytes += event.payload.length;
    }
    minseq = (events.at(-1)?.seq ?? minseq) + 1;
    yield html;
  }
}

const goesOn = (job: string, next: string): string =>
  `<tr class="s_default"><td></td><td></td><td class="local"></td><td class="payload">The log is longer than this page can show: <a href="${Bun.escapeHTML(next)}">it goes on here</a>, and <code>buildomat job tail ${job}</code> prints all of it.</td></tr>`;

const Header = ({ loaded: { run, suite, repository } }: { loaded: Loaded }) => (
  <header>
    <h1>
      {run.id}: {run.name}
    </h1>
    <p class="quiet">
      {repository ? `${repository.owner}/${repository.name}` : "a repository that is not known"}
      {suite.head_branch === null ? "" : `, branch ${suite.head_branch}`}
      {suite.pr === null ? "" : `, pull request ${suite.pr}`}, commit {suite.head_sha}
    </p>
  </header>
);

/** Of the control run: every run of its suite, with all its instances. */
function controlPage(wo: Wollongong, loaded: Loaded): Response {
  const { run, suite } = loaded;
  const byName = Map.groupBy(runsOf(wo, suite.id), ({ name }) => name);
  return html(
    <Layout title={`${run.name} - ${run.id}`}>
      <Header loaded={loaded} />
      <main>
        <Facts wo={wo} loaded={loaded} job={undefined} outputs={[]} />
        {[...byName].sort().map(([name, runs]) => (
          <section key={name}>
            <h2>{name}</h2>
            <ul>
              {runs.map((instance) => (
                <Instance key={instance.id} wo={wo} loaded={loaded} instance={instance} />
              ))}
            </ul>
          </section>
        ))}
      </main>
    </Layout>,
  );
}

/** Where a run was run again: all of its tries. */
const Instances = ({ wo, loaded }: { wo: Wollongong; loaded: Loaded }) => {
  const all = runsOf(wo, loaded.suite.id).filter(({ name }) => name === loaded.run.name);
  if (all.length < 2) return null;
  return (
    <details>
      <summary>All {all.length} instances of this run</summary>
      <ul>
        {all.map((instance) => (
          <Instance key={instance.id} wo={wo} loaded={loaded} instance={instance} />
        ))}
      </ul>
    </details>
  );
};

const Instance = ({ wo, loaded: { suite, repository }, instance }: { wo: Wollongong; loaded: Loaded; instance: RunRow }) => {
  const link = <a href={detailsUrl(wo, suite, instance)}>{instance.id}</a>;
  const github = repository && `${wo.config.github.web_url}/${repository.owner}/${repository.name}/runs/${instance.github_id}`;
  return (
    <li>
      <Time ms={instance.time_create} /> {instance.active === 1 ? <b>{link}</b> : link} <State run={instance} />{" "}
      <span class="quiet">
        {inWords(Math.max(0, wo.world.now() - instance.time_create))} ago
        {instance.active === 1 ? ", the latest instance" : ""}
      </span>{" "}
      {instance.github_id === null || github === null ? null : <a href={github}>on GitHub</a>}
    </li>
  );
};
