import { afterAll, expect, test } from "bun:test";
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openDirectory, processesNamed, testHost } from "./fixture/host.ts";
import { plainProcesses } from "./plain.ts";

const directory = openDirectory();
const host = await testHost(directory);
afterAll(async () => {
  if (host instanceof Error) rmSync(directory, { recursive: true });
  else await host.close();
});

/** Starts the agent without a box of its own, as the only way into it is: its start on descriptor 3. */
const plain = (script: string) =>
  `echo '{"name":"x","script":"${script}"}' | sh -c 'exec 3<&0; /opt/buildomat/lib/agent box "{\\"plain\\":true}"'`;

test("a machine is used for one plain job, and refused for a second", async () => {
  if (host instanceof Error) return expect(host.message).toContain("cannot isolate");
  // A box stands for the throw-away machine.
  const said = await host.run(`${plain("echo ran; touch /work/left")}; ${plain("echo ran again")}`);
  expect(said).toEqual([
    "ran",
    "jobs run as plain processes here, which takes a fresh machine for each: /work is not empty",
    "the sandbox ended with exit code 1",
  ]);
});

test("all that a plain job started is ended with it", async () => {
  const name = `plain-${crypto.randomUUID()}`;
  const agentBinary = join(directory, "stand-in");
  writeFileSync(
    agentBinary,
    `#!/bin/bash\necho R; read -r start <&3\nfor i in 1 2; do (exec -a ${name} sleep 999) & done; wait\n`,
  );
  chmodSync(agentBinary, 0o755);
  const maker = plainProcesses({ url: "http://core", agentBinary }, { slots: 1, memory: 0, disk: 0, processes: 100 });
  const box = await maker.start(0, undefined);
  box.go({ ...maker.common(), name: "w", bootstrap: "b" });
  while (processesNamed(name).length < 2) await Bun.sleep(2);
  await box.stop();
  expect(processesNamed(name)).toEqual([]);
});
