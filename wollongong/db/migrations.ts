import wollongong from "./migrations/0001_wollongong.sql" with { type: "text" };
import behind from "./migrations/0002_behind.sql" with { type: "text" };
import told from "./migrations/0003_told.sql" with { type: "text" };

/** Every step of wollongong.sqlite, oldest first; a step that was released is never edited. */
export const migrations = [wollongong, behind, told];
