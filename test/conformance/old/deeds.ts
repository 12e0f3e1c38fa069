import type { Deed } from "./agent.ts";

/** What a factory of the original tells of a machine. */
export const METADATA = {
  v: "1",
  addresses: [{ name: "extra", cidr: "10.1.2.0/24", first: "10.1.2.10", count: 4, routed: false, gateway: "10.1.2.1" }],
  root_password_hash: null,
  root_authorized_keys: null,
  dump_to_rpool: null,
  pre_job_diagnostic_script: "look before",
  post_job_diagnostic_script: "look after",
  rpool_disable_sync: null,
};

/** Takes two chunks. */
export const big = new Uint8Array(6_000_000).map((_, at) => at % 251);

/** Everything that a job can do. */
export const build: Deed = async (agent) => {
  agent.say("stdout", new TextDecoder().decode(agent.inputs.get("hello.txt")));
  await agent.put("plain", "v1");
  await agent.put("secret", "s3cr3t", true);
  agent.say("stdout", `${await agent.get("plain")} ${await agent.get("secret")} ${await agent.get("none")}`);
  agent.say("stdout", `${agent.factory?.name} ${agent.factory?.private?.startsWith("machine-")}`);
  agent.say("bg.sleeper.stdout", "bg out");
  agent.say("bg.sleeper.stderr", "bg err");
  for (let i = 0; i < 250; i++) agent.say("stderr", `line ${i}`);
  agent.files.set("/work/a.txt", Buffer.from("a\n"));
  agent.files.set("/work/no.txt", Buffer.from("no\n"));
  agent.files.set("/work/empty.txt", new Uint8Array());
  agent.files.set("/work/out.bin", big);
  return 0;
};

/** For what `build` leaves behind. */
export const RULES = ["/work/*.txt", "=/work/out.bin", "%/work/grow*", "!/work/no.txt"];
