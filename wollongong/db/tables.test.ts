import { testTables } from "../../core/common/sqlite/described.fixture.ts";
import { openDatabase } from "../../core/common/sqlite/open.ts";
import { tables as account } from "../account/table.ts";
import { tables as check } from "../check/table.ts";
import { tables as delivery } from "../delivery/table.ts";
import { tables as secret } from "../secret/table.ts";
import { migrations } from "./migrations.ts";

testTables(openDatabase(":memory:", { migrations }), { ...account, ...check, ...delivery, ...secret });
