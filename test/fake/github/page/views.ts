import { latest } from "../change/check.ts";
import { log, refs } from "../git.ts";
import type { Hub } from "../hub.ts";
import { fullName } from "../shape/repository.ts";
import type { CheckRun, CheckSuite, CommitInfo, PullRequest, Repository } from "../state.ts";
import { type Html, html, page } from "./html.ts";

/** Seconds: the checks change by themselves. */
const REFRESH = 3;

export function listRepositories({ state }: Hub): Response {
  const rows = [...state.repositories.values()].map((repository) => {
    const name = fullName(repository);
    return html`<li><a href="/${name}">${name}</a> (${repository.visibility})</li>`;
  });
  return page("Repositories", html`<ul>${rows}</ul>`);
}

export async function showRepository(hub: Hub, repository: Repository): Promise<Response> {
  const dir = hub.pathOf(repository);
  const branches = [...(await refs(dir))].filter(([ref]) => ref.startsWith("refs/heads/"));
  const sections: Html[] = [];
  for (const [ref, sha] of branches) {
    const commits = await log(dir, sha, ["-5"]);
    sections.push(
      html`<section><h2>${ref.slice(11)}</h2>${commits.map((commit) => showCommit(hub, repository, commit))}</section>`,
    );
  }
  const pulls = [...hub.state.pulls.values()].filter((pull) => pull.base.repository === repository);
  const clone = html`<p>Clone: <code>git clone ${hub.places.web}/${fullName(repository)}.git</code></p>`;
  const body = html`${clone}${sections}<section><h2>Pull requests</h2>${pulls.map((pull) => showPull(hub, pull))}</section>${forms(repository, hub.state.keeperOf(repository).login, branches.length > 1)}`;
  return page(fullName(repository), body, { refresh: 15 });
}

export async function showOneCommit(hub: Hub, repository: Repository, commit: CommitInfo): Promise<Response> {
  const title = `${fullName(repository)} at ${commit.sha.slice(0, 7)}`;
  return page(title, html`${back(repository)}${showCommit(hub, repository, commit)}`, { refresh: REFRESH });
}

const back = (repository: Repository) => html`<p><a href="/${fullName(repository)}">${fullName(repository)}</a></p>`;

function showCommit(hub: Hub, repository: Repository, commit: CommitInfo): Html {
  const place = `/${fullName(repository)}`;
  const suites = [...hub.state.suites.values()].filter(
    (suite) => suite.repository === repository && suite.headSha === commit.sha,
  );
  const subject = commit.message.split("\n")[0] ?? "";
  return html`<div><p><a href="${place}/commit/${commit.sha}"><code>${commit.sha.slice(0, 7)}</code></a> ${subject}</p>${suites.map((suite) => showSuite(hub, place, suite))}</div>`;
}

function showSuite(hub: Hub, place: string, suite: CheckSuite): Html {
  const runs = latest(hub.state.runsOf(suite));
  const again = button(`${place}/suites/${suite.id}/rerequest`, "Re-run all checks");
  return html`<ul class="checks">${runs.map((run) => showLine(place, run))}<li>${again}</li></ul>`;
}

const stateOf = ({ status, conclusion }: Pick<CheckRun, "status" | "conclusion">) => conclusion ?? status;

function showLine(place: string, run: CheckRun): Html {
  const state = stateOf(run);
  const details = run.detailsUrl && html` &middot; <a href="${run.detailsUrl}">Details</a>`;
  return html`<li><span class="${state}">${state}</span> <a href="${place}/runs/${run.id}">${run.name}</a> ${run.title}${details}</li>`;
}

/** The place that a run's `html_url` names. */
export function showRun(run: CheckRun): Response {
  const name = fullName(run.suite.repository);
  const place = `/${name}/runs/${run.id}`;
  const state = stateOf(run);
  const actions = run.actions.map(({ identifier, label, description }) =>
    button(`${place}/action`, label, { identifier }, description),
  );
  const text = (part: string | null) => part && html`<pre>${part}</pre>`;
  const body = html`${back(run.suite.repository)}
<p class="${state}">${state}</p><p>${run.detailsUrl && html`<a href="${run.detailsUrl}">Details</a>`}</p>
<h2>${run.title}</h2>${text(run.summary)}${text(run.text)}
<ul>${run.annotations.map((one) => html`<li>${one.annotation_level}: <code>${one.path}:${one.start_line}</code> ${one.message}</li>`)}</ul>
<p>${actions} ${run.status === "completed" && button(`${place}/rerequest`, "Re-run")}</p>`;
  return page(`${run.name} in ${name}`, body, run.status === "completed" ? {} : { refresh: REFRESH });
}

function showPull(hub: Hub, pull: PullRequest): Html {
  const place = `/${fullName(pull.base.repository)}`;
  const suites = [...hub.state.suites.values()].filter(
    (suite) => suite.repository === pull.base.repository && suite.headSha === pull.head.sha,
  );
  const title = html`<p><a href="${place}/pull/${pull.number}">#${pull.number}</a> ${pull.title} (${pull.head.owner.login}:${pull.head.ref}, ${pull.merged ? "merged" : pull.state})</p>`;
  return html`<div>${title}${suites.map((suite) => showSuite(hub, place, suite))}</div>`;
}

export function showOnePull(hub: Hub, pull: PullRequest): Response {
  const { repository } = pull.base;
  return page(`${fullName(repository)} #${pull.number}`, html`${back(repository)}${showPull(hub, pull)}`, { refresh: REFRESH });
}

function button(to: string, label: string, fields: Record<string, string> = {}, title = ""): Html {
  const hidden = Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`);
  return html`<form class="inline" method="post" action="${to}">${hidden}<button title="${title}">${label}</button></form> `;
}

function forms(repository: Repository, by: string, branches: boolean): Html {
  const place = `/${fullName(repository)}`;
  const pull = html`<section><h2>Open a pull request</h2><form method="post" action="${place}/pull">
<p><label>from branch <input name="head" required></label> <label>title <input name="title"></label> <button>Open</button></p></form></section>`;
  return html`<section><h2>Push a change</h2><form method="post" action="${place}/push">
<p><label>branch <input name="branch" value="${repository.defaultBranch}" required></label>
<label>file <input name="path" value="notes.txt" required></label>
<label>message <input name="message" value="A change"></label>
<label>as <input name="by" value="${by}"></label></p>
<textarea name="content" rows="6">Written by hand.
</textarea><p><button>Commit and push</button></p></form></section>${branches && pull}`;
}
