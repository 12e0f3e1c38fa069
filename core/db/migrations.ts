import core from "./migrations/0001_core.sql" with { type: "text" };
import limits from "./migrations/0002_limits.sql" with { type: "text" };
import published from "./migrations/0003_published.sql" with { type: "text" };
import leaseCall from "./migrations/0004_lease_call.sql" with { type: "text" };
import archive from "./migrations/0005_archive.sql" with { type: "text" };
import operators from "./migrations/0006_operators.sql" with { type: "text" };
import childrenOfFiles from "./migrations/0007_children_of_files.sql" with { type: "text" };
import leased from "./migrations/0008_leased.sql" with { type: "text" };
import archiveAgain from "./migrations/0009_archive_again.sql" with { type: "text" };
import cost from "./migrations/0010_cost.sql" with { type: "text" };
import interrupted from "./migrations/0011_interrupted.sql" with { type: "text" };
import makingFailure from "./migrations/0012_making_failure.sql" with { type: "text" };

/** Every step of core.sqlite, oldest first; a step that was released is never edited. */
export const migrations = [
  core,
  limits,
  published,
  leaseCall,
  archive,
  operators,
  childrenOfFiles,
  leased,
  archiveAgain,
  cost,
  interrupted,
  makingFailure,
];
