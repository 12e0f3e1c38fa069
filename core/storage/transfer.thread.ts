import { answerQuestions } from "../common/thread.ts";
import { transfer } from "./transfer.ts";

answerQuestions(transfer);
