import webhooks from "@octokit/webhooks-schemas/schema.json" with { type: "json" };
import type { ValidateFunction } from "ajv";
import { inWords, newAjv } from "../validate.ts";

type Json = Record<string, unknown>;

const ajv = newAjv();
const definitions = newer(structuredClone(webhooks.definitions) as unknown as Record<string, Json>);
ajv.addSchema({ $id: "webhooks", definitions });
const known = new Map<string, ValidateFunction>();

/**
 * What GitHub has said since that description (7.6.1) was made:
 * a run can be re-run while others of its suite are still under way, a suite may be skipped, and an organisation can give a repository away.
 */
function newer(all: Record<string, Json>): Record<string, Json> {
  const anyConclusion = { type: ["string", "null"] };
  for (const action of ["completed", "created", "requested_action", "rerequested"]) {
    const suite = properties(properties(properties(all[`check_run$${action}`])["check_run"])["check_suite"]);
    Object.assign(suite, { status: { enum: ["queued", "in_progress", "completed"] }, conclusion: anyConclusion });
  }
  for (const action of ["completed", "requested", "rerequested"]) {
    const suite = properties(properties(all[`check_suite$${action}`])["check_suite"]);
    Object.assign(suite, {
      conclusion: anyConclusion,
      rerequestable: { type: "boolean" },
      runs_rerequestable: { type: "boolean" },
    });
  }
  const owner = properties(properties(all["repository$transferred"])["changes"])["owner"];
  properties(properties(owner)["from"])["organization"] = { $ref: "#/definitions/user" };
  return all;
}

function properties(schema: Json | undefined): Record<string, Json> {
  return (schema?.["properties"] ?? {}) as Record<string, Json>;
}

/** @returns what is wrong with a webhook, by GitHub's description of it, in words */
export function faultsOfWebhook(event: string, payload: object): string[] {
  const action = "action" in payload ? String(payload.action) : "event";
  const name = `${event}$${action}`;
  if (!(name in definitions)) return [`${event} ${action}: is not in GitHub's description`];
  let validate = known.get(name);
  if (!validate) {
    validate = ajv.compile({ $ref: `webhooks#/definitions/${name.replace("$", "%24")}` });
    known.set(name, validate);
  }
  return validate(payload) ? [] : inWords(validate.errors ?? []).map((text) => `${event} ${action}: ${text}`);
}
