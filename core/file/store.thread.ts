import { answerQuestions } from "../common/thread.ts";
import { Ahead, type AheadTask } from "./ahead.ts";
import { type StoreResult, type StoreTask, storeFile } from "./store.ts";

const ahead = new Ahead();

answerQuestions((task: AheadTask | StoreTask): Promise<StoreResult | undefined> => work(task));

async function work(task: AheadTask | StoreTask): Promise<StoreResult | undefined> {
  if ("to" in task) return await storeFile(task, task.part === undefined ? undefined : await ahead.take(task.part));
  await ahead.advance(task);
  return undefined;
}
