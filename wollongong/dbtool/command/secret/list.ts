import type { Database } from "bun:sqlite";
import { columnNames, LIST, printList } from "../../../../core/common/command/list.ts";
import type { Column } from "../../../../core/common/table.ts";
import { repositoryById } from "../../../account/repositories.ts";
import { userById } from "../../../account/users.ts";
import { listSecrets } from "../../../secret/secrets.ts";
import type { SecretRow } from "../../../secret/table.ts";
import { defineCommand } from "../../command.ts";

type Row = Omit<SecretRow, "value"> & { of: string };

const COLUMNS: Column<Row>[] = [
  { name: "of", width: 40, value: ({ of }) => of },
  { name: "name", width: 30, value: ({ name }) => name },
  { name: "set", width: 20, kind: "time", value: ({ time }) => new Date(time).toISOString() },
];

const ownerOf = (db: Database, { owner, repo }: Omit<SecretRow, "value">): string => {
  const login = userById({ db }, owner)?.login ?? String(owner);
  return repo === 0 ? login : `${login}/${repositoryById({ db }, repo)?.name ?? repo}`;
};

export default defineCommand({
  options: LIST,
  columns: columnNames(COLUMNS),
  help: "Values are never shown.",
  async run(context, _, options) {
    const db = context.db();
    await printList(
      context,
      COLUMNS,
      listSecrets({ db }).map((row) => ({ ...row, of: ownerOf(db, row) })),
      options,
    );
  },
});
