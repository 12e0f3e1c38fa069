import { Type } from "@sinclair/typebox";
import { BadConfig, parseConfig } from "../../core/common/config.ts";
import type { GitHubRepository } from "../github/repository.ts";

const Policy = Type.Object({
  enable: Type.Boolean(),
  org_only: Type.Boolean({ default: true }),
  allow_users: Type.Array(Type.String(), { default: [] }),
});

/** What a repository says about who may have its checks run; from its default branch alone, so that no change can alter it. */
export type Policy =
  | { kind: "disabled" }
  | { kind: "bad"; why: string }
  | { kind: "enabled"; orgOnly: boolean; allowUsers: readonly string[] };

/** Reads `<confroot>/config.toml`. Keys that are not known are ignored, as in the original. */
export async function readPolicy(github: GitHubRepository, confroot: string): Promise<Policy> {
  const path = `${confroot}/config.toml`;
  const text = await github.file(path);
  if (text === undefined) return { kind: "disabled" };
  try {
    const { enable, org_only, allow_users } = parseConfig(Policy, text, path);
    return enable ? { kind: "enabled", orgOnly: org_only, allowUsers: allow_users } : { kind: "disabled" };
  } catch (error) {
    if (error instanceof BadConfig) return { kind: "bad", why: error.message };
    throw error;
  }
}
