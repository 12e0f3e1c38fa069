import { Database } from "bun:sqlite";

// Kills this process right after its DIE_AFTER-th commit, as the worst moment may come after any of them.
const last = Number(process.env["DIE_AFTER"] ?? Number.POSITIVE_INFINITY);
let commits = 0;

const { transaction } = Database.prototype;
type Work = Parameters<typeof transaction>[0];

Database.prototype.transaction = function (this: Database, work: Work) {
  const made = transaction.call(this, work);
  const immediate = (...args: Parameters<Work>) => {
    const result: unknown = made.immediate(...args);
    if (++commits >= last) process.kill(process.pid, "SIGKILL");
    return result as ReturnType<Work>;
  };
  return Object.assign((...args: Parameters<Work>) => made(...args) as ReturnType<Work>, { immediate });
} as unknown as typeof transaction;
