import type { InstallationToken } from "../credentials.ts";
import type { Hub } from "../hub.ts";
import { accountShape } from "../shape/account.ts";
import { appShape, installationShape } from "../shape/app.ts";
import { time } from "../shape/places.ts";
import { repositoryShape } from "../shape/repository.ts";
import type { Installation, Permissions } from "../state.ts";
import type { Attempt, Delivery } from "../webhook/deliveries.ts";
import { type Answer, type Call, empty, notFound, ok, Refusal } from "./call.ts";

const HOUR = 60 * 60 * 1000;

/** Only the App itself, with its own key. */
function appOnly({ caller }: Call): void {
  if (caller.kind !== "app") throw new Refusal(401, "A JSON web token could not be decoded");
}

export function getApp(call: Call): Answer {
  appOnly(call);
  return ok({ ...appShape(call.hub.places, call.hub.app), installations_count: call.hub.state.installations.size });
}

/** A set-up program hands in its code, once, and is told all that there is to know of the new App. */
export function convertManifest({ hub, params }: Call): Answer {
  const adopt = hub.manifests.get(params["code"] ?? "");
  if (!adopt) throw notFound();
  hub.manifests.delete(params["code"] ?? "");
  adopt();
  const { privateKey: pem, deliveries } = hub;
  const secrets = { client_id: "Iv1.0000000000000000", client_secret: "none", webhook_secret: deliveries.secret, pem };
  return ok({ ...appShape(hub.places, hub.app), ...secrets }, 201);
}

export function listInstallations(call: Call): Answer {
  appOnly(call);
  const { places, app, state } = call.hub;
  return call.page([...state.installations.values()].map((installation) => installationShape(places, app, installation)));
}

export function getInstallation(call: Call): Answer {
  return ok(installationShape(call.hub.places, call.hub.app, installationOf(call)));
}

function installationOf(call: Call): Installation {
  appOnly(call);
  const installation = call.hub.state.installations.get(Number(call.param("installation_id")));
  if (!installation) throw notFound();
  return installation;
}

export function createToken(call: Call): Answer {
  const { hub } = call;
  const installation = installationOf(call);
  if (installation.suspended) throw new Refusal(403, "This installation has been suspended");
  const body = (call.body ?? {}) as { repositories?: string[]; repository_ids?: number[]; permissions?: Permissions };
  const permissions = narrowed(installation, body.permissions);
  const chosen = chosenRepositories(hub, installation, body);
  const token: InstallationToken = {
    token: `ghs_${crypto.randomUUID().replaceAll("-", "")}0000`,
    installation: installation.id,
    expires: hub.now() + HOUR,
    permissions,
    repositories: chosen && new Set(chosen.map(({ id }) => id)),
  };
  hub.tokens.set(token.token, token);
  const answer = {
    token: token.token,
    expires_at: time(token.expires),
    permissions,
    repository_selection: chosen ? "selected" : installation.selection,
    ...(chosen ? { repositories: chosen.map((repository) => repositoryShape(hub.places, repository)) } : {}),
  };
  return ok(answer, 201);
}

function narrowed(installation: Installation, wanted: Permissions | undefined): Permissions {
  if (!wanted) return { ...installation.permissions };
  for (const [name, level] of Object.entries(wanted)) {
    const has = installation.permissions[name];
    if (has === level || has === "write") continue;
    throw new Refusal(422, "The permissions requested are not granted to this installation.");
  }
  return { ...wanted, metadata: "read" };
}

function chosenRepositories(
  { state }: Hub,
  installation: Installation,
  { repositories, repository_ids }: { repositories?: string[]; repository_ids?: number[] },
) {
  if (!repositories && !repository_ids) return undefined;
  const seen = state.repositoriesOf(installation);
  const wanted = [
    ...(repositories ?? []).map((name) => seen.find((repository) => repository.name === name)),
    ...(repository_ids ?? []).map((id) => seen.find((repository) => repository.id === id)),
  ];
  return wanted.map((repository) => {
    if (repository) return repository;
    throw new Refusal(
      422,
      "There is at least one repository that does not exist or is not accessible to the parent installation.",
    );
  });
}

export function listRepositories(call: Call): Answer {
  const { caller, hub } = call;
  if (caller.kind !== "installation")
    throw new Refusal(
      403,
      "You must authenticate with an installation access token in order to list repositories for an installation.",
    );
  const { installation, token } = caller;
  const seen = hub.state.repositoriesOf(installation).filter(({ id }) => token.repositories?.has(id) ?? true);
  return call.page(seen, (some, total) => ({
    total_count: total,
    repository_selection: installation.selection,
    repositories: some.map((repository) => repositoryShape(hub.places, repository)),
  }));
}

/** By cursor: the number of the attempt to go on after. */
export function listDeliveries(call: Call): Answer {
  appOnly(call);
  const size = Math.min(Number(call.query.get("per_page") ?? 30), 100);
  const cursor = Number(call.query.get("cursor") ?? Number.POSITIVE_INFINITY);
  const status = call.query.get("status");
  const wanted = ({ attempt }: Sent) => status === null || (status === "success") === isSuccess(attempt);
  const all = attempts(call.hub).filter((sent) => sent.attempt.id < cursor && wanted(sent));
  const shown = all.slice(0, size);
  const last = shown.at(-1);
  const answer = ok(shown.map(sentShape));
  if (!last || all.length <= size) return answer;
  const next = new URL(call.request.url);
  next.searchParams.set("cursor", String(last.attempt.id));
  return { ...answer, headers: { link: `<${next}>; rel="next"` } };
}

interface Sent {
  delivery: Delivery;
  attempt: Attempt;
}

const isSuccess = ({ status }: Attempt) => status >= 200 && status < 300;

/** Newest first. */
function attempts({ deliveries }: Hub): Sent[] {
  const sent = deliveries.all.flatMap((delivery) => delivery.attempts.map((attempt) => ({ delivery, attempt })));
  return sent.sort((left, right) => right.attempt.id - left.attempt.id);
}

function sentShape({ delivery, attempt }: Sent) {
  const { repository } = JSON.parse(delivery.body) as { repository?: { id: number } };
  return {
    id: attempt.id,
    guid: delivery.guid,
    delivered_at: new Date(attempt.at).toISOString(),
    redelivery: attempt.redelivery,
    duration: attempt.duration / 1000,
    status: attempt.status === 0 ? "failed to connect to host" : isSuccess(attempt) ? "OK" : "Invalid HTTP Response",
    status_code: attempt.status,
    event: delivery.event,
    action: delivery.action ?? null,
    installation_id: delivery.installation ?? null,
    repository_id: repository?.id ?? null,
    throttled_at: null,
  };
}

function sentOf(call: Call): Sent {
  appOnly(call);
  const id = Number(call.param("delivery_id"));
  const sent = attempts(call.hub).find(({ attempt }) => attempt.id === id);
  if (!sent) throw notFound();
  return sent;
}

export function getDelivery(call: Call): Answer {
  const sent = sentOf(call);
  return ok({
    ...sentShape(sent),
    url: call.hub.deliveries.url ?? "",
    request: { headers: call.hub.deliveries.headers(sent.delivery), payload: JSON.parse(sent.delivery.body) as unknown },
    response: { headers: {}, payload: sent.attempt.answer },
  });
}

export async function redeliver(call: Call): Promise<Answer> {
  const { delivery } = sentOf(call);
  await call.hub.deliveries.redeliver(delivery);
  return ok({}, 202);
}

/** 204 for a member, 404 for another; whoever is not of the organisation is sent on to its public members. */
export function checkMember(call: Call): Answer {
  const { state, places } = call.hub;
  const organisation = state.account(call.param("org"));
  if (organisation?.type !== "Organization") throw notFound();
  const { caller } = call;
  const inside =
    caller.kind === "installation"
      ? caller.installation.account === organisation
      : caller.kind === "user" && organisation.members.has(caller.account.id);
  if (!inside || (caller.kind === "installation" && !caller.token.permissions["members"])) {
    const location = `${places.api}/orgs/${organisation.login}/public_members/${call.param("username")}`;
    return { ...empty(302), headers: { location } };
  }
  const account = state.account(call.param("username"));
  if (!account || !organisation.members.has(account.id))
    throw new Refusal(404, "User does not exist or is not a member of the organization");
  return empty();
}

/** Where those are sent who may not see the members: here nobody shows that they are one. */
export function checkPublicMember(): Answer {
  throw new Refusal(404, "Not Found");
}

export function rateLimit(call: Call): Answer {
  const rate = call.hub.limits.of(call.caller);
  return ok({ resources: { core: rate, search: rate }, rate });
}

export function permissionLevel(call: Call): Answer {
  const repository = call.repository("metadata", "read");
  const account = call.hub.state.account(call.param("username"));
  if (!account) throw notFound();
  const has = call.hub.state.permissionOf(repository, account);
  // The old four words: triage counts as read, maintain as write.
  const permission = has === "triage" ? "read" : has === "maintain" ? "write" : has;
  return ok({ permission, role_name: has, user: { ...accountShape(call.hub.places, account), role_name: has } });
}
