import { completionOf } from "../../../core/common/command/completion.ts";
import type { Context } from "../context.ts";

export default completionOf<Context>("wollongong-dbtool");
