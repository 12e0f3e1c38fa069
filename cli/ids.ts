import { decodeTime } from "ulid";
import { UsageError } from "../core/common/command/failure.ts";

const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i;

/** @throws UsageError for what cannot be the id of a `thing` */
export function checkId(id: string | undefined, thing: string): string {
  if (id !== undefined && ULID.test(id)) return id.toUpperCase();
  throw new UsageError(`"${id ?? ""}" is not the id of a ${thing}: expected 26 letters and digits`);
}

/** The instant that a ULID carries, RFC 3339. */
export const timeOf = (id: string): string => new Date(decodeTime(id)).toISOString();
