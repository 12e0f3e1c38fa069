import type { Random } from "./random.ts";

/** How rough a life is: probabilities of each message or machine, and pauses in ms. Each seed has a climate of its own. */
export interface Climate {
  /** A request that never arrives; an answer that never does, although the server acted. */
  dropRequest: number;
  dropAnswer: number;
  /** A request that arrives twice, the second time much later. */
  double: number;
  /** A message that is under way for seconds rather than milliseconds. */
  delay: number;
  /** Mean time between two kills of the server, two stops in good order, two kills of a factory. */
  serverKilled: number;
  serverStopped: number;
  factoryKilled: number;
  /** What happens to a machine in its life. */
  neverBoots: number;
  dies: number;
  /** It dies just when one of its outputs was stored. */
  diesUploading: number;
  hangs: number;
  agentKilled: number;
  agentStopped: number;
  cut: number;
  /** A call of the provider fails. */
  providerFails: number;
  /** The object store refuses something; or does it, and its answer is lost. */
  storeFails: number;
  storeAnswerLost: number;
  /** It takes minutes, or longer than anybody waits. */
  storeSlow: number;
}

/** Each trouble is there in about half of all lives, and not equally bad, so that rare meetings of two of them come up. */
export function climateOf(random: Random): Climate {
  const some = (most: number) => (random.chance(0.5) ? random.next() * most : 0);
  const every = (least: number, most: number) => (random.chance(0.6) ? random.between(least, most) : Number.POSITIVE_INFINITY);
  return {
    dropRequest: some(0.15),
    dropAnswer: some(0.15),
    double: some(0.2),
    delay: some(0.2),
    serverKilled: every(5_000, 120_000),
    serverStopped: every(20_000, 300_000),
    factoryKilled: every(20_000, 300_000),
    neverBoots: some(0.3),
    dies: some(0.6),
    diesUploading: some(0.3),
    hangs: some(0.3),
    agentKilled: some(0.6),
    agentStopped: some(0.7),
    cut: some(0.7),
    providerFails: some(0.3),
    storeFails: some(0.6),
    storeAnswerLost: some(0.4),
    storeSlow: some(0.3),
  };
}

/** Nothing goes wrong. */
export const CALM: Climate = {
  dropRequest: 0,
  dropAnswer: 0,
  double: 0,
  delay: 0,
  serverKilled: Number.POSITIVE_INFINITY,
  serverStopped: Number.POSITIVE_INFINITY,
  factoryKilled: Number.POSITIVE_INFINITY,
  neverBoots: 0,
  dies: 0,
  diesUploading: 0,
  hangs: 0,
  agentKilled: 0,
  agentStopped: 0,
  cut: 0,
  providerFails: 0,
  storeFails: 0,
  storeAnswerLost: 0,
  storeSlow: 0,
};
