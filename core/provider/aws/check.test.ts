import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ACCESS_KEY, FakeEc2 } from "../../../test/fake/ec2/fake.ts";
import { BadConfig } from "../../common/config.ts";
import { realWorld } from "../../common/world.ts";
import { StandInCore } from "../fixture/core.ts";
import { checkConfig, metadataOf } from "./config.ts";
import { aRegion, PLACES_OF_THE_FAKE, type Places } from "./fixture/region.ts";
import { awsConfigFor, awsTarget } from "./fixture/scene.ts";

// Whole programs start here, on a machine that may be busy.
setDefaultTimeout(30_000);

/** `[PATH]` for an EC2. @param lines of it, and of its target */
const section = (path: string, endpoint: string, lines: string, { region, ami }: Places, target = "") => `[${path}]
region = "${region}"
endpoint = "${endpoint}"
access_key_id = "${ACCESS_KEY}"
secret_access_key = "secret"
tag = "bmat"
limit_total = 4
${lines}
[${path}.targets.default]
instance_type = ["m5.large", "c5.large"]
ami = "${ami}"
root_size_gb = 20
${target}
`;

const core = new StandInCore(realWorld());
afterAll(() => core[Symbol.asyncDispose]());

/** `buildomat-factory --check` on a config. @param lines of the section [aws] */
const check = (endpoint: string, lines: string, places: Places, target = "", url = core.url) =>
  checkFile(`[core]
url = "${url}"
token = "a token of some length"
${section("aws", endpoint, lines, places, target)}`);

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

const linesOf = ({ vpc, subnet, security_group, key }: Omit<Places, "region" | "ami">) =>
  `vpc = "${vpc}"\nsubnet = ${JSON.stringify(subnet)}\nsecurity_group = "${security_group}"\nkey = "${key}"`;

const GOOD = linesOf(PLACES_OF_THE_FAKE);

test("a config that EC2 agrees with is told so, and nothing is made", async () => {
  await using region = await aRegion(realWorld());
  const { places, url, living } = region;
  const { out, err, code } = await check(url, linesOf(places), places);
  expect([err, code]).toEqual(["", 0]);
  expect(out).toMatch(new RegExp(`^ok     subnet ${places.subnet[1]}: in us-[a-z]+-1b, 2\\d\\d addresses free$`, "m"));
  const image = `image ${places.ami}: .+, x86_64, root volume /dev/\\w+ of 20 GiB`;
  expect(out).toMatch(new RegExp(`^ok     target default, ${image}$`, "m"));
  expect(out).toContain(`ok     target default, a c5.large in ${places.subnet[1]}: could be launched\n`);
  expect(out).toContain("at most 4 machines at once");
  expect(await living()).toEqual([]);
});

test("what machines download of the core is looked for, too", async () => {
  await using region = await aRegion(realWorld());
  const { places, url } = region;
  const { out, code } = await check(url, linesOf(places), places);
  expect(out).toMatch(/^ok {5}target default, what its machines download: an agent for x86_64, and \d+ bytes of user data$/m);
  expect(code).toBe(0);
  const elsewhere = await check(url, linesOf(places), places, "", `${core.url}nowhere`);
  expect(elsewhere.out).toMatch(/^wrong {2}target default, what its machines download: the core does not give install\.sh/m);
  expect(elsewhere.code).toBe(1);
  const long = await check(url, linesOf(places), places, `warm_script = "${"x".repeat(16_384)}"`);
  expect(long.out).toMatch(/^wrong .*: the user data are too long for EC2/m);
});

test("what prepared instances cost is told, and how many of them the config pays for", async () => {
  await using region = await aRegion(realWorld());
  const { places, url } = region;
  const priced = `${linesOf(places)}\nvolume_gb_month = 0.1`;
  const { out } = await check(url, priced, places, "warm = 9\nwarm_max_cost = 5");
  expect(out).toContain(
    "2 prepared instances of 9, as many as warm_max_cost pays for, wait, with 40 GiB of stopped volumes, 4.00 a month\n",
  );
});

test("what is prepared for jobs is told, with what it needs and comes to", async () => {
  await using region = await aRegion(realWorld());
  const { places, url } = region;
  const { out, code } = await check(url, linesOf(places), places, 'warm = 3\nwarm_hours = "Mon-Fri 07:00-19:00"');
  expect(code).toBe(0);
  expect(out).toContain("target default: 3 prepared instances wait, with 60 GiB of stopped volumes, Mon-Fri 07:00-19:00 UTC\n");
  expect(out).toContain("need ec2:StartInstances, ec2:ModifyInstanceAttribute and ec2:CreateTags on what has the tag bmat = 1\n");
});

test("each of several factories is checked", async () => {
  await using ec2 = new FakeEc2(realWorld());
  const factory = (name: string, lines: string) =>
    `[factory.${name}]\ntoken = "a token of some length for ${name}"\n${section(`factory.${name}.aws`, ec2.url, lines, PLACES_OF_THE_FAKE)}`;
  const text = `[core]\nurl = "${core.url}"\n${factory("eu", GOOD)}${factory("us", GOOD.replace("operator", "nobody"))}`;
  const { out, err, code } = await checkFile(text);
  expect([err, code]).toEqual(["", 1]);
  expect(out).toMatch(/^factory eu\n(ok .*\n)+ .*\nfactory us\n(ok .*\n)+wrong {2}key pair nobody: /);
});

test("everything that EC2 does not have is named at once", async () => {
  await using region = await aRegion(realWorld());
  const { places, url } = region;
  const [known] = places.subnet;
  const missing = { security_group: "sg-00000000", key: "nobody" };
  const bad = linesOf({ ...missing, vpc: "vpc-00000000", subnet: [known, "subnet-00000000"] });
  const { out, code } = await check(url, bad, places);
  expect(code).toBe(1);
  expect(out).toContain(`wrong  subnet ${known}: it is in ${places.vpc}, not in vpc-00000000\n`);
  for (const name of ["subnet subnet-00000000", "security group sg-00000000", "key pair nobody"])
    expect(out).toContain(`wrong  ${name}: `);
});

test("a machine that EC2 would not launch is named", async () => {
  await using ec2 = new FakeEc2(realWorld());
  const bad = GOOD.replace("subnet-0b", "subnet-x");
  const { out, code } = await check(ec2.url, bad, PLACES_OF_THE_FAKE);
  expect(code).toBe(1);
  expect(out).toContain("ok     target default, a m5.large in subnet-0a: ");
  expect(out).toContain("wrong  target default, a m5.large in subnet-x: ");
});

test.each([
  ["a key that it does not know", `${GOOD}\ncolour = 1`, "", "aws.colour: "],
  ["no subnet at all", 'vpc = "vpc-0a"\nsecurity_group = "sg-0a"\nsubnet = []', "", "aws.subnet: "],
  ["a diagnostic of the wrong type", GOOD, "[aws.targets.default.diag]\ndump_to_rpool = true", "dump_to_rpool: "],
  ["hours that are none", GOOD, 'warm_hours = "always"', "warm_hours: "],
  ["a price of waiting without one of volumes", GOOD, "warm = 1\nwarm_max_cost = 5", "default needs volume_gb_month"],
  [
    "a pool that costs too much with one instance",
    `${GOOD}\nvolume_gb_month = 0.1`,
    "warm = 1\nwarm_max_cost = 1.5",
    "one prepared instance of target default costs 2.00 a month, more than its warm_max_cost of 1.5",
  ],
  ["a key beside a profile", `${GOOD}\nprofile = "p"`, "", "either a key or a profile"],
])("%s is refused before anything else", async (_, lines, target, message) => {
  await using ec2 = new FakeEc2(realWorld());
  const { err, code } = await check(ec2.url, lines, PLACES_OF_THE_FAKE, target);
  expect(err).toContain(message);
  expect(code).toBe(2);
  expect(ec2.calls).toEqual([]);
});

test("preparing instances is refused where that leaves no room for a job", () => {
  const config = awsConfigFor("http://ec2.example", { limit_total: 1, targets: { default: { ...awsTarget, warm: 1 } } });
  expect(() => checkConfig(config)).toThrow(BadConfig);
});

test("half a key is refused", () => {
  const { secret_access_key: _, ...half } = awsConfigFor("http://ec2.example");
  expect(() => checkConfig(half)).toThrow(BadConfig);
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
  const metadata = metadataOf(config, target, false);
  expect(metadata.root_password_hash).toBe(told);
  expect(metadata.rpool_disable_sync).toBeNull();
});
