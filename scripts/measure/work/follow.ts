import type { Row } from "../figure.ts";
import { type FollowResult, followMany } from "../followers.ts";
import { events, submit } from "../jobs.ts";
import { requestOf } from "../load.ts";
import { withMachines } from "../machines.ts";
import type { Measure } from "../measure.ts";
import { cpuOf } from "../process.ts";
import { type Service, withService } from "../service.ts";

/** Prints the time every so many seconds, without a process for each line; a pipe that nobody writes to is its clock. */
const ticker = (seconds: number) => `exec 9<> <(:)
while :; do echo "$EPOCHREALTIME"; read -rt ${seconds} -u 9; done`;

const row = (name: string, what: string, target: number, how: string): Row => ({
  name,
  what,
  unit: "ms",
  target,
  good: "below",
  how,
});

const how = "a job on a bare machine prints the time; a process of its own takes the age of each line as it comes";

export const follow: Measure = {
  rows: [
    row("seen", "line written -> seen, one follower, p50", 2, `${how}; 20 lines a second`),
    row("seen-p99", "the same, p99", 10, "the same"),
    row("seen-200", "line written -> seen, 200 followers at 100 lines/s, p50", 8, `${how}; 100 lines a second, 200 streams`),
    row("seen-200-p99", "the same, p99", 30, "the same"),
    {
      ...row(
        "seen-200-cpu",
        "the same: server CPU for an event and follower",
        0.04,
        "user and system time of the server while it lasts, divided by the lines that all saw",
      ),
    },
    {
      ...row("seen-500", "line written -> seen, 500 followers at 100 lines/s, p50", 0, `${how}; what grows with followers`),
      good: "shown",
    },
  ],
  async run({ programs, quick }) {
    return await withService({ programs }, (service) =>
      withMachines(service, 1, async () => {
        const time = quick ? 2000 : 8000;
        const one = await watched(service, 0.05, 1, time);
        const many = await watched(service, 0.01, 200, time);
        const crowd = await watched(service, 0.01, 500, time);
        return {
          seen: one.p50,
          "seen-p99": one.p99,
          "seen-200": many.p50,
          "seen-200-p99": many.p99,
          "seen-200-cpu": (many.cpu * 1000) / many.seen,
          "seen-500": crowd.p50,
        };
      }),
    );
  },
};

async function untilFirst(service: Service, job: string): Promise<void> {
  for await (const { stream } of events(service, job)) if (stream === "stdout") return;
}

async function watched(
  service: Service,
  every: number,
  followers: number,
  time: number,
): Promise<FollowResult & { cpu: number }> {
  const job = await submit(service, ticker(every));
  await untilFirst(service, job);
  const before = cpuOf(service.pid);
  const request = requestOf("GET", `/0/jobs/${job}/watch`, service.token);
  const result = await followMany({ port: Number(new URL(service.url).port), request, followers, time });
  // The half second before it counts is paid for too: the figure is a little high.
  const cpu = cpuOf(service.pid) - before;
  await service.user.call("job_cancel", { path: { job } });
  return { ...result, cpu };
}
