import type { TObject } from "@sinclair/typebox";
import { testTables } from "../common/sqlite/described.fixture.ts";
import { openDatabase } from "../common/sqlite/open.ts";
import { tables as factory } from "../factory/table.ts";
import { tables as idempotency } from "../http/idempotency.ts";
import { tables as job } from "../job/table.ts";
import { tables as target } from "../target/table.ts";
import { tables as user } from "../user/table.ts";
import { tables as worker } from "../worker/table.ts";
import { migrations } from "./migrations.ts";
import { tables as outbox } from "./outbox.ts";
import { tables as setting } from "./setting.ts";

const described: Record<string, TObject> = {
  ...user,
  ...target,
  ...factory,
  ...worker,
  ...job,
  ...idempotency,
  ...outbox,
  ...setting,
};
testTables(openDatabase(":memory:", { migrations }), described);
