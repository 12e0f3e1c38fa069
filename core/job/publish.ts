import { createHmac, timingSafeEqual } from "node:crypto";
import type { Static } from "@sinclair/typebox";
import { Refused } from "../common/refused.ts";
import type { Core } from "../core.ts";
import { change } from "../db/change.ts";
import { userNamed } from "../user/user.ts";
import { fileKey } from "./archive/keys.ts";
import { outputFile } from "./download.ts";
import { isFinal, type JobOutputPublish, type JobOutputSignedUrl } from "./schema.ts";
import { getJob } from "./state.ts";
import type { FileRow, PublishedFileRow } from "./table.ts";

/**
 * Gives an output of a job that has ended a public name, for ever: the job's owner, a series, a version, a name.
 *
 * @throws Refused 404, 409 while the job runs, or when the name stands for another file
 */
export function publishOutput(core: Core, job: string, output: string, name: Static<typeof JobOutputPublish>): void {
  change(core, () => {
    const { owner, state } = getJob(core, job);
    if (!isFinal(state)) throw new Refused(409, `job ${job} must have ended before its outputs are published: it is ${state}`);
    outputFile(core, job, output);
    const known = findPublished(core, owner, name);
    if (known && (known.job !== job || known.file !== output))
      throw new Refused(409, `${name.series}/${name.version}/${name.name} is published already, from job ${known.job}`);
    if (!known)
      core.db
        .query("INSERT INTO published_file (owner, series, version, name, job, file) VALUES (?, ?, ?, ?, ?, ?)")
        .run(owner, name.series, name.version, name.name, job, output);
  });
}

/** The file of a public name. @throws Refused 404 */
export function publishedFile(
  core: Core,
  username: string,
  name: Static<typeof JobOutputPublish>,
): Pick<FileRow, "job" | "id" | "size" | "sha256"> {
  const owner = userNamed(core, username);
  const found = owner === undefined ? null : findPublished(core, owner, name);
  if (!found) throw new Refused(404, `nothing is published as ${username}/${name.series}/${name.version}/${name.name}`);
  return outputFile(core, found.job, found.file);
}

const findPublished = (core: Core, owner: string, { series, version, name }: Static<typeof JobOutputPublish>) =>
  core.db
    .query<PublishedFileRow, [string, string, string, string]>(
      "SELECT * FROM published_file WHERE owner = ? AND series = ? AND version = ? AND name = ?",
    )
    .get(owner, series, version, name);

/** What a signed URL says, and what its signature covers. */
export interface Grant {
  job: string;
  output: string;
  /** Milliseconds since the epoch. */
  expires: number;
  type?: string | undefined;
  disposition?: string | undefined;
}

/**
 * A URL that anybody may read the output from until it expires: of a purged job the object store's own, where that gives some.
 *
 * @param base of this server's URLs
 */
export async function signOutput(
  core: Core,
  job: string,
  output: string,
  wanted: Static<typeof JobOutputSignedUrl>,
  base: string,
): Promise<{ url: string; available: true; size: number }> {
  const { size } = outputFile(core, job, output);
  const presigned = await presignedUrl(core, job, output, wanted);
  return { url: presigned ?? base + signedPath(core, job, output, wanted), available: true, size };
}

async function presignedUrl(
  core: Core,
  job: string,
  output: string,
  { expiry_seconds: expires, content_type, content_disposition }: Static<typeof JobOutputSignedUrl>,
): Promise<string | undefined> {
  if (getJob(core, job).time_purged === null || expires < 1) return undefined;
  const [type, disposition] = [content_type ?? undefined, content_disposition ?? undefined];
  return await core.objects.store.presign(fileKey(job, output), { expires, type, disposition });
}

function signedPath(core: Core, job: string, output: string, wanted: Static<typeof JobOutputSignedUrl>): string {
  const grant: Grant = {
    job,
    output,
    expires: core.world.now() + wanted.expiry_seconds * 1000,
    type: wanted.content_type ?? undefined,
    disposition: wanted.content_disposition ?? undefined,
  };
  const query = new URLSearchParams({ expires: String(grant.expires), signature: signatureOf(core, grant) });
  if (grant.type !== undefined) query.set("type", grant.type);
  if (grant.disposition !== undefined) query.set("disposition", grant.disposition);
  return `/0/signed/${job}/${output}?${query}`;
}

/** @throws Refused 403 for a signature that is not ours, or too old */
export function requireSignature(core: Core, grant: Grant, signature: string): void {
  const [right, given] = [Buffer.from(signatureOf(core, grant)), Buffer.from(signature)];
  if (right.length !== given.length || !timingSafeEqual(right, given))
    throw new Refused(403, "this URL was not signed by this server");
  if (grant.expires < core.world.now()) throw new Refused(403, "this URL has expired: ask for another one");
}

const signatureOf = (core: Core, { job, output, expires, type, disposition }: Grant): string =>
  createHmac("sha256", core.secret)
    .update(JSON.stringify(["output", job, output, expires, type ?? null, disposition ?? null]))
    .digest("base64url");
