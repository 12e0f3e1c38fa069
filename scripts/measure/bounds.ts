/**
 * By the name of a row: what stands in the way of its target. What was not measured with `bun --cpu-prof`, `perf`, `strace`
 * or by the processor time of the processes says so.
 */
export const BOUNDS: Readonly<Record<string, string>> = {
  "first-line-sandbox":
    "steps that follow one another: some 25 ms for the namespaces, the mounts and the start of the agent, then worker, association and bootstrap, each a round trip with a durable commit, two of them with a log file that is made anew. Recording the worker while the box is made would hide some of it, but a box that then cannot be made would fail its job instead of leaving it queued.",
  "first-line-warm":
    "worker, association, bootstrap and ping: four round trips, three of them durable commits, two with a log file that is made anew.",
  "first-line-bare":
    "some 25 ms from the start of unshare to the agent's first request, then the same round trips as for a prepared box.",
  dependant: "the same steps as for a bare machine; not profiled by itself.",
  "empty-jobs":
    "the processor: `vmstat` shows 4 to 8 % of it idle meanwhile. A job starts unshare, four mounts, the agent and bash, and makes 20 requests and 10 flushes to disk.",
  "first-line-waiting":
    "whatever else the machine does: by itself (`--only first-line-waiting`, on an idle machine) it took 11.4 ms, p99 19.6; both processors are wanted by five processes in turn.",
  "first-line-waiting-p99": "not profiled.",
  "seen-200": "not profiled. 20,000 events a second are written by one process and read by another on the same two cores.",
  "seen-200-p99": "not profiled. 20,000 events a second are written by one process and read by another on the same two cores.",
  "seen-200-cpu": "not profiled. There is one write to a socket for each follower and event.",
  "log-one":
    "the processor that is left: server and agent took 0.7 to 1.4 us and 0.6 us a line, sealing included; the job that prints and its pipe come on top.",
  "log-read": "the processor that is left: the server takes 0.8 us a line, the client's copying comes on top.",
  "log-50":
    "the processor: the 50 agents take 2.1 us a line (one that prints a million lines takes 0.6: each of these is too young for its code to be compiled well), the server 1.4, most of which is sealing the logs that are complete.",
  "log-50-rss": "not profiled.",
  "artefacts-30": "not profiled.",
  "artefact-1g":
    "the processor: `vmstat` shows 11 to 14 % of it idle and 1 to 3 % waiting for the disk, half to two thirds in the kernel. Each byte is hashed on both sides, copied through a socket and brought to the disk.",
  "artefact-1g-rss": "not profiled. Four chunks of 5 MiB are in flight.",
  "download-1g": "not profiled.",
  "get-job": "the processor: 60 to 90 us a request, a third of it seven queries, the rest Elysia with its checks, JSON and HTTP.",
  whoami: "the processor that is left: 22 to 26 us a request, of which a request that does nothing takes 13.5.",
  "submit-1":
    "the disk: eleven pages and a flush for each, and a checkpoint after a hundred; in memory the same takes 64 us instead of 240.",
  "submit-16": "the processor: some 140 us a submit; the flush is shared by those that come together.",
  "list-growth": "not profiled.",
  "pass-growth": "not profiled; a test holds that no query of a pass reads the history.",
  "idle-agent":
    "pages of Bun: a compiled program that only waits has 25 MiB, 23 of them of its binary. The rest are the agent's own code and heap.",
  "idle-server": "not profiled.",
  "webhook-burst":
    "the processor: some 110 us of user and 50 us of system time for each payload of 8 KB, which is checked, parsed twice and written twice, as its row is written again whole when it is acknowledged.",
  "push-calls":
    "the ten are two tokens (the App's and the job's), policy, membership, list of job files, job file, two check runs made, and the job's run told to be in progress and over. An hour's later pushes need eight.",
  "rested-server":
    "memory that the allocators keep: a forced full collection returned nothing more, SQLite's and Bun's shrinking 8 MiB.",
};
