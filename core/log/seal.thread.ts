import { answerQuestions } from "../common/thread.ts";
import { sealLog } from "./seal.ts";

answerQuestions(sealLog);
