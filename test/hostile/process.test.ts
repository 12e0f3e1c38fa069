import { expect } from "bun:test";
import { attack } from "./attack.ts";

attack(
  "a fork bomb meets the limit on processes, and the one on time",
  {
    script: "bomb() { bomb | bomb & }; bomb 2>/dev/null; echo lit; sleep 900",
    rest: { timeout_seconds: 2 },
    config: "processes = 200",
  },
  ({ job, reason, lines }) => {
    expect(job.state).toBe("failed");
    expect(reason).toContain("longer than its limit of 2 s (timeout_seconds)");
    expect(lines("stdout")).toEqual(["lit"]);
  },
);

attack(
  "a fork bomb whose every process leaves its session goes with its machine",
  {
    script: `echo 'setsid bash /tmp/bomb & setsid bash /tmp/bomb & wait' >/tmp/bomb; bash /tmp/bomb >/dev/null 2>&1 & echo lit; sleep 900`,
    rest: { timeout_seconds: 2 },
    config: "processes = 200",
  },
  ({ job, reason, lines }) => {
    expect(job.state).toBe("failed");
    expect(reason).toContain("longer than its limit of 2 s (timeout_seconds)");
    expect(lines("stdout")).toEqual(["lit"]);
  },
);

attack(
  "daemons that leave their session go with their machine",
  {
    script: `for i in 1 2 3; do setsid -f sh -c 'trap "" TERM HUP; exec -a daemon sleep 900' >/dev/null 2>&1 </dev/null; done
(setsid -f sleep 900 >/dev/null 2>&1 &); bmat process start web sleep 900; echo summoned`,
  },
  ({ job, lines }) => {
    expect(job.state).toBe("completed");
    expect(lines("stdout")).toEqual(["summoned"]);
  },
);

attack(
  "a job that hangs is ended for its silence, and shows where it hung",
  { script: "echo thinking; cat <(sleep 900)", rest: { silence_seconds: 1 } },
  ({ job, reason, lines }) => {
    expect(job.state).toBe("failed");
    expect(reason).toBe('job failed: task 0 ("attack") failed: it printed nothing for 1 s (silence_seconds)');
    expect(lines("worker").join("\n")).toMatch(/\d+ sleep 900 \(sleeping(, in \w+)?\)/);
  },
);

attack(
  "a job that kills its agent is lost, and says with what it was at",
  { script: "echo aiming; kill -9 $PPID; sleep 900" },
  ({ job, reason }) => {
    expect(job.state).toBe("failed");
    expect(reason).toContain('it was at task 0 ("attack")');
  },
);

attack(
  "a job that kills whatever it can see is tried once more and no more",
  { script: "echo aiming; kill -9 -1; kill -9 1; sleep 900" },
  ({ job, reason }) => {
    expect(job.state).toBe("failed");
    expect(reason).toContain('it was at task 0 ("attack")');
  },
);

attack(
  "memory is eaten up to the limit of the machine",
  {
    script: `ulimit -v 4000000; head -c 600000000 /dev/zero | tail >/dev/null; echo "ended by \${PIPESTATUS[1]}"; exit 7`,
    config: 'memory = "256m"',
  },
  ({ job, reason }) => {
    expect(job.state).toBe("failed");
    expect(reason).toMatch(/task 0 \("attack"\)/);
  },
);

attack(
  "memory that many small processes eat together costs some of them, not the agent, which is larger",
  {
    script: "for i in $(seq 30); do (head -c 15M /dev/zero | tail -c 15M | sleep 2) & done; wait; exit 7",
    config: 'memory = "300m"\ndisk = "200m"',
  },
  ({ reason, lines }) => {
    expect(reason).toBe('job failed: task 0 ("attack") failed');
    expect(lines("task").at(-1)).toEndWith("exit code 7");
  },
);

attack(
  "a full disk is the job's own",
  {
    script: `cat /dev/zero >/work/full; cat /dev/zero >/tmp/full; cat /dev/zero >/opt/buildomat/full; cat /dev/zero >/dev/shm/full; df --output=avail /work | tail -1 | tr -d " "
echo left >/work/kept && test -s /work/kept`,
    rest: { output_rules: ["/work/kept"] },
    config: 'disk = "64m"',
  },
  ({ job, reason, lines }) => {
    expect(job.state).toBe("failed");
    expect(reason).toBe('job failed: task 0 ("attack") failed');
    expect(lines("stderr").join("\n")).toContain("No space left on device");
    expect(lines("stdout")).toContain("0");
  },
);
