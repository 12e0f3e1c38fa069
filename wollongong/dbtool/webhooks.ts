import type { Octokit } from "@octokit/core";

/** What GitHub has sent to the App from `oldest` on (ms), each attempt by itself; the newest first. It forgets after some days. */
export async function* webhooksSince(app: Octokit, oldest: number) {
  for (let cursor: string | undefined; ; ) {
    const query = { per_page: 100, ...(cursor === undefined ? {} : { cursor }) };
    const { data, headers } = await app.request("GET /app/hook/deliveries", query);
    for (const attempt of data) {
      if (Date.parse(attempt.delivered_at) < oldest) return;
      yield attempt;
    }
    cursor = /[?&]cursor=([^&>]+)[^>]*>; rel="next"/.exec(headers.link ?? "")?.[1];
    if (cursor === undefined) return;
  }
}
