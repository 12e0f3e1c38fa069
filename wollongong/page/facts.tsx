import type { ComponentChildren } from "preact";
import type { Job, JobOutput } from "../../core/client/operations.ts";
import { attemptLines } from "../../core/client/phases.ts";
import { artefactUrl, isLog } from "../check/links.ts";
import { sizeInWords } from "../check/show.ts";
import type { Wollongong } from "../wollongong.ts";
import { Time } from "./layout.tsx";
import type { Loaded } from "./load.ts";

export interface FactsProps {
  wo: Wollongong;
  loaded: Loaded;
  job: Job | undefined;
  outputs: readonly JobOutput[];
}

const BUNYAN_LIMIT = 100 * 1024 * 1024;

/** Everything about a run but its log. */
export const Facts = ({ wo, loaded, job, outputs }: FactsProps) => {
  const { run } = loaded;
  return (
    <section id="facts" data-over={run.state === "over" ? "yes" : "no"}>
      <p>
        <State {...loaded} /> {run.story === null ? null : <span class="story">{plain(run.story)}</span>}
      </p>
      {run.cancelled_by !== null && run.state !== "over" ? <p>It is being cancelled ({run.cancelled_by}).</p> : null}
      {run.active === 0 ? <p class="quiet">A newer run has taken its place.</p> : null}
      {run.note === null ? null : <p class="story">{plain(run.note)}</p>}
      {run.ungiven === null ? null : <p>{plain(run.ungiven)}</p>}
      {job === undefined ? null : attemptLines(job).map((line) => <p key={line}>{line}</p>)}
      {job === undefined ? null : <Times job={job} />}
      <Tags wo={wo} loaded={loaded} job={job} />
      {outputs.length === 0 ? null : <Artefacts wo={wo} loaded={loaded} outputs={outputs} />}
    </section>
  );
};

/** Markdown of ours as text: what it says matters here, not how. */
const plain = (markdown: string) => markdown.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/[`*]/g, "");

export const State = ({ run }: Pick<Loaded, "run">) => {
  const before = run.variety === "control" ? "in progress" : run.job === null ? "waiting to be submitted" : "submitted";
  const word = run.conclusion ?? run.job_state ?? before;
  return <strong class={`state ${run.conclusion ?? "open"}`}>{word.replaceAll("_", " ")}</strong>;
};

/** The core tells them in the order in which they came. */
const Times = ({ job }: { job: Job }) => (
  <dl class="facts">
    {Object.entries(job.times).map(([name, time]) => (
      <Fact key={name} name={name}>
        <Time ms={Date.parse(time)} />
      </Fact>
    ))}
  </dl>
);

const Fact = ({ name, children }: { name: string; children: ComponentChildren }) => (
  <>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </>
);

const Tags = ({ wo, loaded: { suite, run, repository }, job }: Omit<FactsProps, "outputs">) => {
  const web = wo.config.github.web_url;
  const repo = repository && `${web}/${repository.owner}/${repository.name}`;
  const tags = Object.entries(job?.tags ?? { "gong.head.sha": suite.head_sha, "gong.name": run.name });
  const links: Record<string, string | null> = {
    "gong.head.sha": repo && `${repo}/commit/${suite.head_sha}`,
    "gong.plan.sha": repo && `${repo}/commit/${suite.plan_sha}`,
    "gong.repo.name": repo,
    "gong.repo.owner": repository && `${web}/${repository.owner}`,
    "gong.run.github_id": repo && `${repo}/runs/${run.github_id}`,
  };
  return (
    <details>
      <summary>
        {run.job === null ? "Tags" : `Job ${run.job}`} of commit {suite.head_sha.slice(0, 12)}
      </summary>
      <dl class="facts">
        {tags.sort().map(([name, value]) => {
          const href = links[name];
          return (
            <Fact key={name} name={name}>
              {href ? <a href={href}>{value}</a> : value}
            </Fact>
          );
        })}
      </dl>
      {run.content === null ? null : <pre>{run.content}</pre>}
    </details>
  );
};

const Artefacts = ({ wo, loaded: { suite, run }, outputs }: Omit<FactsProps, "job">) => (
  <>
    <h2>Artefacts</h2>
    <ul class="artefacts">
      {outputs.map(({ id, path, size }) => {
        const href = artefactUrl(wo, suite, run, { id, path });
        return (
          <li key={id}>
            <a href={href}>{path}</a> <span class="quiet">{sizeInWords(size)}</span>{" "}
            {isLog(path) && size <= BUNYAN_LIMIT ? <a href={`${href}?format=x-bunyan`}>[rendered]</a> : null}
          </li>
        );
      })}
    </ul>
  </>
);
