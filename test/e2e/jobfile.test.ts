import { expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { basicJob, type Source } from "../../core/jobfile/basic.ts";
import { parseJobFile } from "../../core/jobfile/parse.ts";
import { gitBackend } from "../fake/github/git-http.ts";
import { eventually, type TestService, withService } from "./service.ts";

/** A server of private git repositories that asks for a token, which can be changed. */
async function aGitServer(root: string) {
  const accepted = { token: "ghs_first-token-of-the-app" };
  const seen: string[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async (request) => {
      const { pathname } = new URL(request.url);
      const credentials = Buffer.from(request.headers.get("authorization")?.replace("Basic ", "") ?? "", "base64").toString();
      const right = credentials === `x-access-token:${accepted.token}`;
      seen.push(`${right ? "token" : credentials ? "wrong" : "nobody"} ${pathname}`);
      if (!right) return new Response("who?", { status: 401, headers: { "www-authenticate": 'Basic realm="git"' } });
      if (pathname === "/api") return new Response("api says hello\n");
      return await gitBackend(request, root, pathname, undefined);
    },
  });
  return { accepted, seen, url: server.url.href.replace(/\/$/, ""), [Symbol.dispose]: () => void server.stop(true) };
}

/** Makes a repository of one commit that is on no branch, as a pull request's. @returns its sha */
async function aRepository(root: string, name: string, files: Record<string, string>): Promise<string> {
  const dir = join(root, name);
  mkdirSync(dir, { recursive: true });
  const script = `set -e
    export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
    git init -q -b main .; git config http.receivepack false; git config uploadpack.allowAnySHA1InWant true
    echo old >old; git add .; git commit -q -m first; git checkout -q --detach; git rm -q old
    ${Object.keys(files)
      .map((file) => `printf '%s' "$${file}" >${file}`)
      .join("; ")}
    git add .; git commit -q -m second; git update-ref refs/pull/1/head HEAD; git rev-parse HEAD`;
  const run = Bun.spawnSync(["bash", "-c", script], { cwd: dir, env: { ...process.env, ...files } });
  if (!run.success) throw new Error(run.stderr.toString());
  return run.stdout.toString().trim();
}

const jobFile = (keys: string[], ...script: string[]) =>
  parseJobFile(
    ["#!/bin/bash", '#: name = "job"', '#: variety = "basic"', ...keys.map((key) => `#: ${key}`), "set -eu", ...script].join(
      "\n",
    ),
    "job.sh",
  );

/** Submits a job, gives it its token once it asks, and waits for its end. */
async function runJob({ client }: TestService, body: ReturnType<typeof basicJob>, whenRunning: (id: string) => Promise<void>) {
  const { id } = await client.call("job_submit", { body: { name: "job", ...body } });
  const state = async () => (await client.call("job_get", { path: { job: id } })).state;
  await eventually(async () => (await state()) !== "queued");
  await whenRunning(id);
  await eventually(async () => ["completed", "failed"].includes(await state()));
  const events = await client.call("job_events_get", { path: { job: id } });
  const outputs = await client.call("job_outputs_get", { path: { job: id } });
  return { state: await state(), log: events.map(({ payload }) => payload).join("\n"), outputs: outputs.map(({ path }) => path) };
}

test("a private repository is cloned, another one and the API are read, also after the token has expired; nobody else sees it", async () => {
  await withService(async (service) => {
    const root = join(service.dir, "git");
    using server = await aGitServer(root);
    const sha = await aRepository(root, "oxide/tree", { hello: "hello from the tree\n" });
    await aRepository(root, "oxide/secret", { word: "xyzzy\n" });
    const source: Source = {
      from: "git",
      repository: "oxide/tree",
      sha,
      branch: "topic",
      cloneUrl: `${server.url}/oxide/tree`,
      tokenFor: [server.url],
    };
    const file = jobFile(
      ['output_rules = ["/home/build/**/*", "=/work/oxide/tree/old*"]'],
      'pwd; cat hello; git symbolic-ref --short HEAD; test "$(git rev-parse HEAD)" = "$GITHUB_SHA"; touch old-is-gone; test ! -e old',
      `curl -nsSf ${server.url}/api`,
      'echo refresh-please; until [ "$(bmat store get NEXT)" = now ]; do :; done',
      `git clone -q ${server.url}/oxide/secret /work/secret; git -C /work/secret fetch -q origin refs/pull/1/head`,
      "git -C /work/secret show FETCH_HEAD:word",
      "if grep -rl ghs_ /work /tmp; then echo LEAK; fi; if env | grep ghs_; then echo LEAK; fi",
      "stat -c %a ~/.netrc; cp ~/.gitconfig ~/kept",
    );
    const { client } = service;
    const put = (job: string, name: string, value: string) =>
      client.call("job_store_put", { path: { job, name }, body: { value, secret: name !== "NEXT" } });
    const { state, log, outputs } = await runJob(service, basicJob(file, source), async (id) => {
      await put(id, "GITHUB_TOKEN", server.accepted.token);
      const lines = async () => (await client.call("job_events_get", { path: { job: id } })).map(({ payload }) => payload);
      const over = /refresh-please|task \d failed/;
      await eventually(async () => (await lines()).some((line) => over.test(line)));
      server.accepted.token = "ghs_second-token-of-the-app";
      await put(id, "GITHUB_TOKEN", server.accepted.token);
      await put(id, "NEXT", "now");
    });
    expect(log).toContain("/work/oxide/tree\nhello from the tree\ntopic\napi says hello\nrefresh-please");
    expect(log).toContain("xyzzy\n600");
    expect(log).not.toMatch(/ghs_|LEAK/);
    expect(state).toBe("completed");
    expect(outputs).toContain("/home/build/kept");
    expect(outputs).toContain("/work/oxide/tree/old-is-gone");
    expect(outputs).not.toContain("/home/build/.netrc");
    expect(server.seen).toContain("wrong /oxide/secret/info/refs");
  });
});

test("a clone that is refused fails at once, with git's words, instead of waiting for a password", async () => {
  await withService(async (service) => {
    const root = join(service.dir, "git");
    using server = await aGitServer(root);
    const sha = await aRepository(root, "oxide/tree", {});
    const source: Source = { from: "git", repository: "oxide/tree", sha, cloneUrl: `${server.url}/oxide/tree`, tokenFor: [] };
    const { state, log } = await runJob(service, basicJob(jobFile([], "echo never"), source), async () => {});
    expect(state).toBe("failed");
    expect(log).toContain("fatal: could not read Username");
    expect(log).not.toContain("\nnever");
  });
});

test("the environment of the file reaches the script, and a toolchain comes before it", async () => {
  await withService(async (service) => {
    const file = jobFile(
      ["skip_clone = true", "[env]", 'GREETING = "it\'s $me"'],
      'pwd; id -un; echo "$GREETING"; cargo --version',
    );
    // Stands in for the installer that is fetched from the network.
    const curl = `#!/bin/bash
      while [ "$1" != -sSfo ]; do shift; done
      echo 'mkdir -p ~/.cargo/bin; for tool in rustup cargo rustc; do
        printf "#!/bin/sh\\necho $tool \\$TC_CHANNEL $*\\n" >~/.cargo/bin/$tool; chmod +x ~/.cargo/bin/$tool; done' >"$2"`;
    const { tasks, ...rest } = basicJob(file, { from: "none" }, { channel: "1.90.0", profile: "minimal" });
    const [setup, toolchain, build] = tasks;
    if (!setup || !toolchain || !build) throw new Error("expected three tasks");
    const install = {
      ...toolchain,
      name: "stand-in",
      script: `mkdir ~/bin; cat >~/bin/curl <<'EOF'\n${curl}\nEOF\nchmod +x ~/bin/curl`,
    };
    const found = { ...toolchain, env: { ...toolchain.env, PATH: `/home/build/bin:${toolchain.env["PATH"]}` } };
    const job = { ...rest, tasks: [setup, install, found, build] };
    const { state, log } = await runJob(service, job, async () => {});
    expect(log).toContain("Rust toolchain 1.90.0 (profile minimal)");
    expect(log).toContain("cargo 1.90.0 -y -q --no-modify-path --default-toolchain 1.90.0 --profile minimal");
    expect(log).toContain("/work\nbuild\nit's $me\ncargo");
    expect(state).toBe("completed");
  });
});
