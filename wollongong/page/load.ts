import { timingSafeEqual } from "node:crypto";
import { type Static, Type } from "@sinclair/typebox";
import { Refused } from "../../core/common/refused.ts";
import { repositoryById } from "../account/repositories.ts";
import type { RepositoryRow } from "../account/table.ts";
import { runById } from "../check/runs.ts";
import { suiteById } from "../check/suite.ts";
import type { RunRow, SuiteRow } from "../check/table.ts";
import type { Wollongong } from "../wollongong.ts";

const Ulid = Type.String({ pattern: "^[0-7][0-9A-HJKMNP-TV-Z]{25}$" });

/** The beginning of every address that belongs to a suite. */
export const SuiteParams = Type.Object({ suite: Ulid, key: Type.String(), run: Ulid });

export interface Loaded {
  suite: SuiteRow;
  run: RunRow;
  repository: RepositoryRow | null;
}

/** What an address names, for whoever has its key. @throws Refused 404, whichever part is wrong */
export function load(wo: Wollongong, { suite: id, key, run: runId }: Static<typeof SuiteParams>): Loaded {
  const suite = suiteById(wo, id);
  const run = runById(wo, runId);
  if (!suite || !same(key, suite.url_key) || run?.check_suite !== suite.id)
    throw new Refused(404, "There is nothing at this address.");
  return { suite, run, repository: repositoryById(wo, suite.repo) };
}

function same(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
