import type { FactoryWorker } from "../client/operations.ts";
import type { Logger } from "../common/logger.ts";
import type { Machine, Provider } from "./provider.ts";
import { type Action, type Pair, type Patience, ruleFor } from "./reconcile.ts";
import { type Workers, whatFailed } from "./workers.ts";

export interface Attending {
  logger: Logger;
  provider: Provider;
  workers: Workers;
  patience: Patience;
}

/** Does what the rules say about one machine and its worker, and returns what that was. */
export async function attend(core: Attending, machine: Machine | undefined, worker: FactoryWorker | undefined): Promise<Action> {
  const id = worker?.id ?? machine?.worker;
  const pair: Pair = { machine, worker, age: id ? core.workers.ageOf(id) : 0, patience: core.patience };
  const { when, action } = ruleFor(pair);
  const logger = core.logger.with({ why: when, ...(id ? { worker: id } : {}), ...(machine ? { machine: machine.id } : {}) });
  await DO[action]({ ...core, logger }, pair);
  return action;
}

type Doing = (core: Attending, pair: Pair) => Promise<void>;

const DO: Record<Action, Doing> = {
  keep: async () => {},
  ignore: async ({ logger }) => logger.debug("machine left alone"),
  conflict: async ({ logger }, { worker }) => logger.error("machine left alone", { has: worker?.private }),
  renew: async ({ workers }, { machine, worker }) => {
    if (machine?.job && worker) await workers.renew(machine.job);
  },
  associate: async ({ workers, logger }, { machine, worker }) => {
    if (!machine || !worker) return;
    logger.info("machine associated");
    await workers.associate(worker.id, machine);
  },
  bury: async (core, pair) => {
    await sendLastWords(core, pair);
    await destroy(core, pair);
  },
  destroy: (core, pair) => destroy(core, pair),
  forget: async ({ workers, logger }, { machine, worker }) => {
    if (!worker) return;
    logger.info("worker deleted", machine?.interrupted === undefined ? {} : { interrupted: machine.interrupted });
    await workers.forget(worker.id, machine?.interrupted);
  },
};

/** The worker is deleted only once its machine is known to be gone: its job may then run again. */
async function destroy({ provider, workers, logger }: Attending, { machine, worker }: Pair): Promise<void> {
  if (!machine) return;
  logger.info("destroying machine");
  const state = await provider.destroy(machine);
  if (state === "gone" && worker) await workers.forget(worker.id, machine.interrupted);
}

/** Without them the user would only learn that the machine fell silent. A failure here must not keep the machine alive. */
async function sendLastWords({ provider, workers, logger }: Attending, { machine, worker }: Pair): Promise<void> {
  if (!machine || !worker) return;
  const { ended } = machine;
  try {
    const printed = await provider.console?.(machine).catch((error) => logger.warn("no console is to be had", whatFailed(error)));
    const lines = [...(ended === undefined ? [] : [ended]), ...(printed ?? [])];
    logger.warn("the machine never did its work", { words: lines.slice(-3).join("; "), ...(ended ? { ended } : {}) });
    await workers.lastWords(worker.id, machine.job, lines);
    if (machine.job) await workers.tellFailure(machine.job, `${machine.id} never came up${ended ? `: ${ended}` : ""}`);
  } catch (error) {
    logger.warn("could not keep the last words of a machine", whatFailed(error));
  }
}
