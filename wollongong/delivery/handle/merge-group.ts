import { ensureSuite } from "../../check/ensure-suite.ts";
import type { Wollongong } from "../../wollongong.ts";
import { need, type Payload } from "../payload.ts";
import { served } from "./served.ts";

/** A merge queue asks for checks of what it is about to merge. Only those who may write can queue: it needs no approval. */
export function queuedMergeGroup(wo: Wollongong, payload: Payload): string {
  const { repository, install } = served(wo, payload);
  const { head_sha, head_ref, base_sha } = need(payload.merge_group, "merge_group");
  const suite = ensureSuite(wo, {
    repo: repository.id,
    install,
    sha: head_sha,
    branch: head_ref.replace(/^refs\/heads\//, ""),
    base: base_sha,
    mergeGroup: true,
    requestedBy: payload.sender?.id,
  });
  return `suite ${suite}`;
}
