import { Database } from "bun:sqlite";

// Kills this process right after its DIE_AFTER-th commit, as the worst moment may come after any of them. It counts from its
// start, or, with DIE_FROM=SIGUSR2, from that signal on.
const { DIE_AFTER, DIE_FROM } = process.env;
let left = Number.POSITIVE_INFINITY;
const arm = () => {
  left = Number(DIE_AFTER ?? Number.POSITIVE_INFINITY);
};
if (DIE_FROM === "SIGUSR2") process.on(DIE_FROM, arm);
else arm();

const { transaction } = Database.prototype;
type Work = Parameters<typeof transaction>[0];

Database.prototype.transaction = function (this: Database, work: Work) {
  const made = transaction.call(this, work);
  const immediate = (...args: Parameters<Work>) => {
    const result: unknown = made.immediate(...args);
    if (--left <= 0) process.kill(process.pid, "SIGKILL");
    return result as ReturnType<Work>;
  };
  return Object.assign((...args: Parameters<Work>) => made(...args) as ReturnType<Work>, { immediate });
} as unknown as typeof transaction;
