import type { GitHub } from "./github.ts";

/** A token for a job, and when it ends to be valid (ms). */
export interface JobToken {
  token: string;
  expires: number;
}

/** Makes a token that can read these repositories and nothing else. */
export async function mintJobToken({ app }: GitHub, installation_id: number, repository_ids: number[]): Promise<JobToken> {
  const { data } = await app.request("POST /app/installations/{installation_id}/access_tokens", {
    installation_id,
    repository_ids,
    permissions: { contents: "read" },
  });
  return { token: data.token, expires: Date.parse(data.expires_at) };
}
