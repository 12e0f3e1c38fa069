import { gitEnvironment } from "./git.ts";

/**
 * Smart HTTP by git's own CGI program.
 *
 * @param root folder above the repository
 * @param path of the repository below it, then what git asks for, as `/1.git/info/refs`
 * @param user name for the log; undefined may only read
 */
export async function gitBackend(request: Request, root: string, path: string, user: string | undefined): Promise<Response> {
  const header = (name: string) => request.headers.get(name) ?? "";
  const body = new Uint8Array(await request.arrayBuffer());
  const child = Bun.spawn(["git", "http-backend"], {
    env: {
      ...gitEnvironment,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_PROTOCOL: header("git-protocol"),
      REQUEST_METHOD: request.method,
      PATH_INFO: path,
      QUERY_STRING: new URL(request.url).search.slice(1),
      CONTENT_TYPE: header("content-type"),
      CONTENT_LENGTH: String(body.length),
      HTTP_CONTENT_ENCODING: header("content-encoding"),
      REMOTE_ADDR: "127.0.0.1",
      ...(user === undefined ? {} : { REMOTE_USER: user }),
    },
    stdin: body,
    stdout: "pipe",
    stderr: "pipe",
  });
  const [bytes, errors] = await Promise.all([new Response(child.stdout).bytes(), new Response(child.stderr).text()]);
  await child.exited;
  const end = Buffer.from(bytes).indexOf("\r\n\r\n");
  if (end < 0) return new Response(`git http-backend: ${errors.trim()}\n`, { status: 500 });
  const headers = new Headers();
  for (const line of new TextDecoder().decode(bytes.subarray(0, end)).split("\r\n")) {
    const colon = line.indexOf(":");
    headers.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  const status = Number.parseInt(headers.get("status") ?? "200", 10);
  headers.delete("status");
  return new Response(bytes.slice(end + 4), { status, headers });
}
