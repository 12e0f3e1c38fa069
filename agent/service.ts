import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import supervisor from "./supervise.sh" with { type: "text" };

const NAME = "buildomat-agent.service";

const unit = (program: string) => `[Unit]
Description=Buildomat agent
Wants=network-online.target
After=network-online.target
# What is in its way may be gone later: it is never given up.
StartLimitIntervalSec=0

[Service]
ExecStart=${program} run
Restart=always
RestartSec=1
# A process of the job that takes too much memory is ended alone: systemd would end the agent, and so the job, with it.
OOMPolicy=continue
UnsetEnvironment=BUN_OPTIONS BUN_BE_BUN

[Install]
WantedBy=multi-user.target
`;

/** Has systemd run the program as the agent, now and after every boot: one that comes back can say at once that its job is lost. */
export function startUnit(root: string, program: string, helper: (argv: [string, ...string[]]) => void): void {
  const file = join(root, "etc/systemd/system", NAME);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, unit(program));
  helper(["/bin/systemctl", "daemon-reload"]);
  helper(["/bin/systemctl", "enable", NAME]);
  helper(["/bin/systemctl", "start", NAME]);
}

/** Runs the agent under a loop of ours. A second one finds the first one's lock, and ends. */
export function startSupervisor(lib: string, detached: (argv: [string, ...string[]], log: string) => void): void {
  const file = join(lib, "supervise.sh");
  writeFileSync(file, supervisor);
  chmodSync(file, 0o755);
  detached(["/bin/sh", file], "/var/log/buildomat-agent.log");
}

/** Whether systemd is the init of this machine. */
export const hasSystemd = (root: string): boolean => existsSync(join(root, "run/systemd/system"));
