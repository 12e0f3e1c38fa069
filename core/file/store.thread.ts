import { answerQuestions } from "../common/thread.ts";
import { storeFile } from "./store.ts";

answerQuestions(storeFile);
