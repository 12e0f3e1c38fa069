import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ACCESS_KEY, FakeEc2 } from "../../../test/fake/ec2/fake.ts";
import { BadConfig } from "../../common/config.ts";
import { realWorld } from "../../common/world.ts";
import { checkCredentials, metadataOf } from "./config.ts";
import { awsConfigFor, awsTarget } from "./fixture/scene.ts";

// Whole programs start here, on a machine that may be busy.
setDefaultTimeout(30_000);

/** `[PATH]` for the fake. @param lines of it, and of its target */
const section = (path: string, ec2: FakeEc2, lines: string, target = "") => `[${path}]
region = "us-test-1"
endpoint = "${ec2.url}"
access_key_id = "${ACCESS_KEY}"
secret_access_key = "secret"
tag = "bmat"
limit_total = 4
${lines}
[${path}.targets.default]
instance_type = ["c8a.large", "c7a.large"]
ami = "ami-0a"
root_size_gb = 20
${target}
`;

/** `buildomat-factory --check` on a config for the fake. @param lines of the section [aws] */
const check = (ec2: FakeEc2, lines: string, target = "") =>
  checkFile(`[core]
url = "https://core.example"
token = "a token of some length"
${section("aws", ec2, lines, target)}`);

async function checkFile(text: string) {
  const file = join(mkdtempSync(join(tmpdir(), "aws-check-")), "factory.toml");
  writeFileSync(file, text);
  const command = [process.execPath, join(import.meta.dir, "../main.ts"), "--config", file, "--check"];
  const program = Bun.spawn(command, { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [out, err, code] = await Promise.all([
    new Response(program.stdout).text(),
    new Response(program.stderr).text(),
    program.exited,
  ]);
  return { out, err, code };
}

const GOOD = `vpc = "vpc-0a"\nsubnet = ["subnet-0a", "subnet-0b"]\nsecurity_group = "sg-0a"\nkey = "operator"`;

test("a config that EC2 agrees with is told so, and nothing is made", async () => {
  await using ec2 = new FakeEc2(realWorld());
  const { out, err, code } = await check(ec2, GOOD);
  expect([err, code]).toEqual(["", 0]);
  expect(out).toContain("ok     subnet subnet-0b: in us-test-1b, 251 addresses free\n");
  expect(out).toContain("ok     target default, image ami-0a: debian-12, x86_64, root volume /dev/xvda of 20 GiB\n");
  expect(out).toContain("ok     target default, a c7a.large in subnet-0b: could be launched\n");
  expect(out).toContain("at most 4 machines at once");
  expect(ec2.cloud.instances.size).toBe(0);
});

test("each of several factories is checked", async () => {
  await using ec2 = new FakeEc2(realWorld());
  const factory = (name: string, lines: string) =>
    `[factory.${name}]\ntoken = "a token of some length for ${name}"\n${section(`factory.${name}.aws`, ec2, lines)}`;
  const text = `[core]\nurl = "https://core.example"\n${factory("eu", GOOD)}${factory("us", GOOD.replace("operator", "nobody"))}`;
  const { out, err, code } = await checkFile(text);
  expect([err, code]).toEqual(["", 1]);
  expect(out).toMatch(/^factory eu\n(ok .*\n)+ .*\nfactory us\n(ok .*\n)+wrong {2}key pair nobody: /);
});

test("everything that EC2 does not have is named at once", async () => {
  await using ec2 = new FakeEc2(realWorld());
  const bad = `vpc = "vpc-other"\nsubnet = ["subnet-0a", "subnet-x"]\nsecurity_group = "sg-x"\nkey = "nobody"`;
  const { out, code } = await check(ec2, bad);
  expect(code).toBe(1);
  expect(out).toContain("wrong  subnet subnet-0a: it is in vpc-0a, not in vpc-other\n");
  for (const name of ["subnet subnet-x", "security group sg-x", "key pair nobody", "target default, a c8a.large in subnet-x"])
    expect(out).toContain(`wrong  ${name}: `);
});

test.each([
  ["a key that it does not know", `${GOOD}\ncolour = 1`, "", "aws.colour: "],
  ["no subnet at all", 'vpc = "vpc-0a"\nsecurity_group = "sg-0a"\nsubnet = []', "", "aws.subnet: "],
  ["a diagnostic of the wrong type", GOOD, "[aws.targets.default.diag]\ndump_to_rpool = true", "dump_to_rpool: "],
  ["a key beside a profile", `${GOOD}\nprofile = "p"`, "", "either a key or a profile"],
])("%s is refused before anything else", async (_, lines, target, message) => {
  await using ec2 = new FakeEc2(realWorld());
  const { err, code } = await check(ec2, lines, target);
  expect(err).toContain(message);
  expect(code).toBe(2);
  expect(ec2.calls).toEqual([]);
});

test("half a key is refused", () => {
  const { secret_access_key: _, ...half } = awsConfigFor("http://ec2.example");
  expect(() => checkCredentials(half)).toThrow(BadConfig);
});

test.each([
  ["the global value where the target has none", {}, "global"],
  ["the global value where the target inherits", { root_password_hash: { inherit: true } }, "global"],
  ["none where the target inherits nothing", { root_password_hash: { inherit: false } }, null],
  ["the target's own value", { root_password_hash: "own" }, "own"],
])("agents are told %s", (_, diag, told) => {
  const config = awsConfigFor("http://ec2.example", {
    diag: { root_password_hash: "global", rpool_disable_sync: { inherit: true } },
  });
  const target = { ...awsTarget, volume_type: "gp3", encrypted: false, spot: false, diag };
  const metadata = metadataOf(config, target);
  expect(metadata.root_password_hash).toBe(told);
  expect(metadata.rpool_disable_sync).toBeNull();
});
