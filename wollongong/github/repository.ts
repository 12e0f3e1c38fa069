import type { Octokit } from "@octokit/core";
import type { Conclusion } from "../check/table.ts";
import { isMissing, isRejected } from "./failure.ts";

/** A file or folder of a repository that cannot be used; the message is for people. */
export class BadContent extends Error {}

export interface CheckRunSeen {
  id: number;
  name: string;
  external_id: string | null;
  /** How many annotations it has. */
  annotated: number;
}

/** GitHub takes no more in one request. */
export const MOST_ANNOTATIONS = 50;

/** So many files are listed of a comparison. */
const MOST_FILES = 300;

/** What GitHub lets us ask about one repository, and do there. Failures are octokit's; `failureOf` sorts them. */
export class GitHubRepository {
  readonly #octokit: Octokit;
  readonly #at: { owner: string; repo: string };

  constructor(octokit: Octokit, owner: string, repo: string) {
    this.#octokit = octokit;
    this.#at = { owner, repo };
  }

  /** @param ref a commit; the default branch unless told @returns undefined where there is no such file @throws BadContent */
  async file(path: string, ref?: string): Promise<string | undefined> {
    const data = await this.#content(path, ref);
    if (data === undefined) return undefined;
    if (Array.isArray(data) || data.type !== "file" || !("content" in data)) throw new BadContent(`\`${path}\` is not a file`);
    // Files over 1 MB come without their content.
    if (data.encoding !== "base64") throw new BadContent(`\`${path}\` is too large: the limit is 1 MB`);
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(data.content, "base64"));
    } catch (cause) {
      throw new BadContent(`\`${path}\` is not UTF-8`, { cause });
    }
  }

  /** @returns undefined where there is no such folder @throws BadContent */
  async folder(path: string, ref: string): Promise<{ name: string; path: string; type: string }[] | undefined> {
    const data = await this.#content(path, ref);
    if (data === undefined) return undefined;
    if (!Array.isArray(data)) throw new BadContent(`\`${path}\` is not a folder`);
    return data.map(({ name, path, type }) => ({ name, path, type }));
  }

  async #content(path: string, ref: string | undefined) {
    try {
      const query = ref === undefined ? {} : { ref };
      const { data } = await this.#octokit.request("GET /repos/{owner}/{repo}/contents/{path}", { ...this.#at, path, ...query });
      return data;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** The paths that differ between the two, both names of a renamed file; undefined where GitHub does not list them all. */
  async changed(base: string, head: string): Promise<string[] | undefined> {
    const { data } = await this.#octokit.request("GET /repos/{owner}/{repo}/compare/{basehead}", {
      ...this.#at,
      basehead: `${base}...${head}`,
      per_page: 1,
    });
    // The first page has the files whatever its size; no page has more of them.
    if (!data.files || data.files.length >= MOST_FILES) return undefined;
    return data.files.flatMap(({ filename, previous_filename }) => [filename, ...(previous_filename ? [previous_filename] : [])]);
  }

  /** GitHub's suite of the App for a commit, made where it is missing. */
  async ensureSuite(sha: string, app: number): Promise<number> {
    const known = await this.#suiteOf(sha, app);
    if (known !== undefined) return known;
    try {
      const { data } = await this.#octokit.request("POST /repos/{owner}/{repo}/check-suites", { ...this.#at, head_sha: sha });
      return Number(data.id);
    } catch (error) {
      // It may have come into being meanwhile.
      const there = isRejected(error) ? await this.#suiteOf(sha, app) : undefined;
      if (there === undefined) throw error;
      return there;
    }
  }

  async #suiteOf(ref: string, app_id: number): Promise<number | undefined> {
    const { data } = await this.#octokit.request("GET /repos/{owner}/{repo}/commits/{ref}/check-suites", {
      ...this.#at,
      ref,
      app_id,
      per_page: 100,
    });
    const [suite] = data.check_suites;
    return suite && Number(suite.id);
  }

  /** All check runs of a suite, also those that were replaced. */
  async runsOf(check_suite_id: number): Promise<CheckRunSeen[]> {
    const runs: CheckRunSeen[] = [];
    for (let page = 1; ; page++) {
      const { data } = await this.#octokit.request("GET /repos/{owner}/{repo}/check-suites/{check_suite_id}/check-runs", {
        ...this.#at,
        check_suite_id,
        filter: "all",
        per_page: 100,
        page,
      });
      for (const { id, name, external_id, output } of data.check_runs)
        runs.push({ id: Number(id), name, external_id, annotated: output.annotations_count });
      if (data.check_runs.length < 100) return runs;
    }
  }

  /** @returns GitHub's id. Not tried again by itself: a lost answer must be looked for first. */
  async createRun(run: CreateRun): Promise<number> {
    const { data } = await this.#octokit.request("POST /repos/{owner}/{repo}/check-runs", {
      ...this.#at,
      ...run,
      request: { retries: 0 },
    });
    return Number(data.id);
  }

  /**
   * @param annotations come to those that GitHub has already, at most `MOST_ANNOTATIONS`. With any, it is not tried again by
   * itself: of a lost answer, `annotationsOf` tells whether they have come.
   */
  async updateRun(check_run_id: number, run: ShownRun, annotations: readonly Annotation[] = []): Promise<void> {
    const more = { output: { ...run.output, annotations: [...annotations] }, request: { retries: 0 } };
    await this.#octokit.request("PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}", {
      ...this.#at,
      ...run,
      ...(annotations.length > 0 ? more : {}),
      check_run_id,
    });
  }

  /** How many annotations GitHub has of a run. */
  async annotationsOf(check_run_id: number): Promise<number> {
    const { data } = await this.#octokit.request("GET /repos/{owner}/{repo}/check-runs/{check_run_id}", {
      ...this.#at,
      check_run_id,
    });
    return data.output.annotations_count;
  }

  /** Whether the organisation says that this login is one of its members. */
  async isMember(org: string, username: string): Promise<boolean> {
    try {
      const { status } = await this.#octokit.request("GET /orgs/{org}/members/{username}", {
        org,
        username,
        request: { redirect: "manual" },
      });
      return Number(status) === 204;
    } catch (error) {
      if (isMissing(error) || (error instanceof Error && "status" in error && error.status === 302)) return false;
      throw error;
    }
  }

  /** @returns undefined where there is none that this installation can see */
  async find(): Promise<{ id: number; owner: number } | undefined> {
    try {
      const { data } = await this.#octokit.request("GET /repos/{owner}/{repo}", this.#at);
      return { id: Number(data.id), owner: Number(data.owner.id) };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** @returns the commit at its head; undefined where there is no such branch */
  async branch(branch: string): Promise<string | undefined> {
    try {
      const { data } = await this.#octokit.request("GET /repos/{owner}/{repo}/branches/{branch}", { ...this.#at, branch });
      return data.commit.sha;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }
}

/** What people see of a check run. */
export interface ShownRun {
  status: "queued" | "in_progress" | "completed";
  conclusion?: Conclusion;
  details_url?: string;
  output: { title: string; summary: string; text?: string };
  actions?: { identifier: string; label: string; description: string }[];
  started_at?: string;
  completed_at?: string;
}

export interface Annotation {
  path: string;
  start_line: number;
  end_line: number;
  annotation_level: "notice" | "warning" | "failure";
  message: string;
  title?: string;
  raw_details?: string;
}

export interface CreateRun extends ShownRun {
  name: string;
  head_sha: string;
  external_id: string;
}
