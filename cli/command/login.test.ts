import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ADMIN_TOKEN, type TestServer, testServer } from "../../core/fixture.ts";
import { aFolder, buildomat, startOnTerminal } from "../fixture.ts";

const TLS = {
  certificate: join(import.meta.dir, "../../test/fixture/localhost.pem"),
  key: join(import.meta.dir, "../../test/fixture/localhost.key"),
};

let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await testServer();
  token = (await server.user("alice")).token;
});
afterAll(() => server[Symbol.asyncDispose]());

/** A home without any configuration, and who works in it. */
function aHome() {
  const folder = aFolder();
  const env = { HOME: folder.path };
  return {
    env,
    file: join(folder.path, ".config/buildomat/config.toml"),
    login: (secret: string, ...args: string[]) => buildomat(["login", ...args], { env, stdin: `${secret}\n` }),
    run: (...args: string[]) => buildomat(args, { env }),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

const says = (text: string) => (seen: string) => seen.includes(text);

describe("login", () => {
  test("looks whether the token works, and writes a file that nobody else can read", async () => {
    using home = aHome();
    const { stdout } = await home.login(token, "--url", `${server.url}/`);
    expect(stdout).toBe(`you are alice at ${server.url}; written to [profile.default] of ${home.file}\n`);
    expect(statSync(home.file).mode & 0o777).toBe(0o600);
    expect(JSON.parse((await home.run("info", "--json")).stdout)).toMatchObject({ name: "alice", profile: "default" });
  });

  test("takes the admin token too, and keeps the two beside each other", async () => {
    using home = aHome();
    expect((await home.login(ADMIN_TOKEN, "--url", server.url)).stdout).toContain("you have the admin token");
    expect(await home.run("info")).toMatchObject({
      status: 2,
      stderr: "ERROR: profile default has an admin token alone, and this needs a user's: `buildomat login`\n",
    });
    const made = (await home.run("admin", "user", "create", "first")).stdout.trim();
    await home.login(made, "--url", server.url);
    expect((await home.run("info")).stdout).toContain("name:    first\n");
    expect((await home.run("admin", "user", "list", "-H", "-o", "name")).stdout).toContain("first\n");
  });

  test.each([
    ["a wrong token", () => server.url, "it may have been revoked, belong to another core, or not be a user's"],
    ["a core that is down", () => "http://127.0.0.1:1", "connection refused: is it running?"],
    ["a machine that is not there", () => "http://nowhere.invalid", "nowhere.invalid"],
  ])("writes nothing for %s", async (_, url, message) => {
    using home = aHome();
    const { status, stdout, stderr } = await home.login("no such token", "--url", url());
    expect(stderr).toContain(message);
    expect(stderr).toEndWith("\nnothing was written\n");
    expect([status, stdout, existsSync(home.file)]).toEqual([3, "", false]);
  });

  test("takes the authority of a certificate that the system does not know", async () => {
    await using secure = await testServer({ tls: TLS });
    const url = `https://localhost:${new URL(secure.url).port}`;
    using home = aHome();
    const { stderr } = await home.login(ADMIN_TOKEN, "--url", url);
    expect(stderr).toContain(`the certificate of ${url} is not trusted`);
    expect(stderr).toContain("--ca at login");
    expect((await home.login(ADMIN_TOKEN, "--url", url, "--ca", TLS.certificate)).status).toBe(0);
    expect((await home.run("admin", "user", "list")).status).toBe(0);
  });

  test("keeps the other profiles, and writes the one that would be used", async () => {
    using folder = aFolder({
      "config.toml": 'default_profile = "other"\n[profile.other]\nurl = "http://other.test"\nsecret = "s"\n',
    });
    const env = { BUILDOMAT_CONFIG: join(folder.path, "config.toml") };
    const login = (...args: string[]) => buildomat(["login", "--url", server.url, ...args], { env, stdin: token });
    expect((await login("-p", "new")).stdout).toContain("[profile.new]");
    const text = readFileSync(env.BUILDOMAT_CONFIG, "utf8");
    for (const part of ["other.test", "[profile.new]", 'default_profile = "other"']) expect(text).toContain(part);
    expect((await login()).stdout).toContain("[profile.other]");
  });

  test("asks at a terminal; the token is not shown", async () => {
    using home = aHome();
    const { child, type, until } = startOnTerminal(["login"], home.env);
    await until(says("URL of the core"));
    type(`${server.url}x\u007f\r`);
    await until(says("Token"));
    type(`mistyped\u0015${token}\r`);
    expect(await until(says("written to"))).not.toContain(token);
    expect(await child.exited).toBe(0);
    expect((await home.run("info")).stdout).toContain("name:    alice\n");
  });

  test("at a terminal, takes what was pasted together, and shows none of it", async () => {
    using home = aHome();
    const { child, type, until } = startOnTerminal(["login"], home.env);
    await until(says("URL of the core"));
    type(`${server.url}\r${token}\r`);
    expect(await until(says("written to"))).not.toContain(token);
    expect(await child.exited).toBe(0);
  });

  test("ends on Ctrl-C, and writes nothing", async () => {
    using home = aHome();
    const { child, type, until } = startOnTerminal(["login", "--url", server.url], home.env);
    await until(says("Token"));
    type(`${token}\u0003`);
    expect(await child.exited).toBe(130);
    expect(existsSync(home.file)).toBe(false);
  });

  test("asks for what it cannot know", async () => {
    const without = await buildomat(["login"], { stdin: token });
    expect([without.status, without.stderr]).toEqual([2, "ERROR: --url is required where there is no terminal\n"]);
    const empty = await buildomat(["login", "--url", server.url]);
    expect(empty.stderr).toBe("ERROR: no token: it is asked for, or the first line of standard input\n");
  });

  test("leaves a file alone that it cannot read", async () => {
    using folder = aFolder();
    const file = join(folder.path, "config.toml");
    writeFileSync(file, "[", { mode: 0o600 });
    const { stderr } = await buildomat(["login", "--url", server.url], { env: { BUILDOMAT_CONFIG: file }, stdin: token });
    expect(stderr).toContain("is not TOML");
    expect(readFileSync(file, "utf8")).toBe("[");
  });
});

describe("tokens that do not fit are explained", () => {
  test("of a factory", async () => {
    const factory = await server.admin.call("factory_create", { body: { name: "kind" } });
    const { status, stderr } = await buildomat(["job", "list"], { env: { INPUT_URL: server.url, INPUT_SECRET: factory.token } });
    expect(status).toBe(3);
    expect(stderr).toContain("does not know the token ($INPUT_SECRET)");
  });

  test("of a user for what operators do", async () => {
    const { status, stderr } = await buildomat(["admin", "user", "list"], {
      env: { INPUT_URL: server.url, INPUT_SECRET: token },
    });
    expect(status).toBe(3);
    expect(stderr).toBe(
      'Error: you lack the privilege "admin.user.read" (the token used was $INPUT_SECRET): an operator can grant it to you, or you can use the core\'s admin token\n',
    );
  });

  test("of the profile, which is named", async () => {
    using home = aHome();
    const { id, token: old } = await server.user("carol");
    await home.login(old, "--url", server.url);
    await server.admin.call("user_token_revoke", { path: { user: id } });
    const { stderr } = await home.run("job", "list");
    expect(stderr).toContain(`does not know the token (secret in [profile.default] of ${home.file}): it may have been revoked`);
  });
});
