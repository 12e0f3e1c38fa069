import { decodeTime } from "ulid";
import type { Job, Target, Worker } from "../../core/client/operations.ts";
import { inWords } from "../../core/common/duration.ts";
import { isPublic, repositoryById } from "../account/repositories.ts";
import type { Wollongong } from "../wollongong.ts";
import { html } from "./answer.ts";
import { Layout, Time } from "./layout.tsx";

/** What the core does now is asked again after so long, ms. */
const FRESH = 5_000;
const RECENT = 100;

interface Snapshot {
  time: number;
  active: Job[];
  recent: Job[];
  workers: Worker[];
  targets: Target[];
}

/** The page for everyone: machines, queue and the last results; of private repositories, that there is one. */
export class StatusPage {
  readonly #wo: Wollongong;
  #taken: Promise<Snapshot> | undefined;
  #time = Number.NEGATIVE_INFINITY;

  constructor(wo: Wollongong) {
    this.#wo = wo;
  }

  async render(): Promise<Response> {
    const { world } = this.#wo;
    if (!this.#taken || world.now() - this.#time > FRESH) {
      this.#time = world.now();
      this.#taken = this.#take();
      // One that failed is not kept.
      this.#taken.catch(() => {
        this.#taken = undefined;
      });
    }
    return html(<Status wo={this.#wo} seen={await this.#taken} />);
  }

  async #take(): Promise<Snapshot> {
    const core = this.#wo.coreOf();
    const [active, recent, targets, workers] = await Promise.all([
      core.call("admin_jobs_get", { query: { active: true } }),
      core.call("admin_jobs_get", { query: { completed: RECENT } }),
      core.call("targets_list", {}),
      this.#workers(),
    ]);
    return { time: this.#time, active, recent: recent.reverse(), workers, targets };
  }

  async #workers(): Promise<Worker[]> {
    const core = this.#wo.coreOf();
    const all: Worker[] = [];
    let page_token: string | undefined;
    do {
      const { items, next_page } = await core.call("workers_list", {
        query: page_token === undefined ? { active: true } : { page_token },
      });
      all.push(...items);
      page_token = items.length > 0 ? (next_page ?? undefined) : undefined;
    } while (page_token !== undefined);
    return all;
  }
}

const Status = ({ wo, seen }: { wo: Wollongong; seen: Snapshot }) => {
  const held = ({ deleted, hold }: Worker) => deleted || (hold ?? null) !== null;
  const workers = seen.workers.filter((worker) => !held(worker));
  const shown = new Set(workers.flatMap(({ jobs }) => jobs.map(({ id }) => id)));
  const rest = seen.active.filter(({ id }) => !shown.has(id));
  const inState = (...states: string[]) => rest.filter(({ state }) => states.includes(state));
  const list = (jobs: readonly Job[]) => (
    <ul>
      {jobs.map((job) => (
        <li key={job.id}>
          <JobInfo wo={wo} job={job} targets={seen.targets} now={seen.time} />
        </li>
      ))}
    </ul>
  );
  const section = (title: string, jobs: readonly Job[]) =>
    jobs.length === 0 ? null : (
      <section>
        <h2>{title}</h2>
        {list(jobs)}
      </section>
    );
  return (
    <Layout title="Status">
      <header>
        <h1>Status</h1>
      </header>
      <main>
        <h2>Active Workers</h2>
        {workers.length === 0 ? <p class="quiet">There is none.</p> : null}
        <ul>
          {workers.map((worker) => (
            <li key={worker.id}>
              {worker.id}{" "}
              <span class="quiet">
                ({nameOf(seen.targets, worker.target)}) since <Time ms={decodeTime(worker.id)} /> (
                {inWords(Math.max(0, seen.time - decodeTime(worker.id)))})
              </span>
              {list(seen.active.filter(({ id }) => worker.jobs.some((job) => job.id === id)))}
            </li>
          ))}
        </ul>
        {section("Queued Jobs (waiting for capacity)", inState("queued"))}
        {section("Waiting Jobs (waiting for a dependency)", inState("waiting"))}
        {section(
          "Other Jobs",
          rest.filter(({ state }) => state !== "queued" && state !== "waiting"),
        )}
        <h2>Recently Completed Jobs</h2>
        {list(seen.recent)}
      </main>
    </Layout>
  );
};

const nameOf = (targets: readonly Target[], id: string) => targets.find((target) => target.id === id)?.name ?? id;

interface JobInfoProps {
  wo: Wollongong;
  job: Job;
  targets: readonly Target[];
  now: number;
}

const JobInfo = ({ wo, job, now }: JobInfoProps) => {
  const at = (name: string) => (job.times[name] === undefined ? undefined : Date.parse(job.times[name]));
  const [submit, ready, complete] = ["submit", "ready", "complete"].map(at);
  const target = job.target === job.target_real ? job.target : `${job.target} -> ${job.target_real}`;
  const end = complete ?? submit ?? decodeTime(job.id);
  const { phases } = job.attempts?.at(-1) ?? {};
  const spans = [
    ["waited", submit === undefined || ready === undefined ? 0 : (ready - submit) / 1000],
    ["queued", phases?.queue],
    ["booted", phases?.boot],
    ["handed over", phases?.handover],
    ["ran", phases?.run],
  ] as const;
  return (
    <>
      <Badge job={job} /> {job.id} <Origin wo={wo} job={job} /> <span class="quiet">{target}</span>
      <span class="quiet">
        {" "}
        {complete === undefined ? "submitted" : "completed"} <Time ms={end} /> ({inWords(Math.max(0, now - end))} ago)
      </span>
      {spans.map(([word, seconds]) =>
        seconds == null || seconds < 1 ? null : (
          <span class="quiet" key={word}>
            , {word} {inWords(seconds * 1000)}
          </span>
        ),
      )}
    </>
  );
};

const Badge = ({ job: { state, cancelled } }: { job: Job }) => {
  if (state === "completed") return <strong class="state success">OK</strong>;
  if (state !== "failed") return null;
  return cancelled ? <strong class="state cancelled">CANCEL</strong> : <strong class="state failure">FAIL</strong>;
};

/** Whose job it is, for those who may know. */
const Origin = ({ wo, job: { tags } }: { wo: Wollongong; job: Job }) => {
  const id = Number(tags["gong.repo.id"]);
  const repository = Number.isInteger(id) && id > 0 ? repositoryById(wo, id) : null;
  if (repository === null) return <span>no repository is linked</span>;
  if (!isPublic(repository)) return <span>of a private repository</span>;
  const web = `${wo.config.github.web_url}/${repository.owner}/${repository.name}`;
  const sha = tags["gong.head.sha"] ?? "";
  return (
    <span>
      <a href={web}>
        {repository.owner}/{repository.name}
      </a>{" "}
      {tags["gong.head.branch"] === undefined ? null : `(${tags["gong.head.branch"]}) `}
      <b>{tags["gong.name"]}</b> <a href={`${web}/commit/${sha}`}>{sha.slice(0, 12)}</a>
      {tags["gong.run.github_id"] === undefined ? null : (
        <>
          {" "}
          <a href={`${web}/runs/${tags["gong.run.github_id"]}`}>on GitHub</a>
        </>
      )}
    </span>
  );
};
