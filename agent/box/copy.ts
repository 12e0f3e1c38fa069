import { chmodSync, copyFileSync, lstatSync, mkdirSync, readdirSync, readlinkSync, type Stats, symlinkSync } from "node:fs";
import { codeOf } from "../../core/common/errors.ts";

/** Keys and passwords that belong to the host alone, though some hosts let everyone read them. */
const SECRET = /^\/etc\/(g?shadow.*|ssh|ssl\/private|sudoers.*|krb5.*keytab|machine-id|resolv\.conf)$/;
const OTHERS_READ = 0o004;

/**
 * Copies what every user of the host may read, which holds whoever runs the copy: with a single id the box's root is the
 * server's own user, and its private files must not come along.
 *
 * @param hidden host paths left out whatever their mode
 */
export function copyPublic(from: string, to: string, hidden: readonly string[]): void {
  if (SECRET.test(from) || hidden.includes(from)) return;
  const stat = lstatSync(from);
  if (stat.isSymbolicLink()) symlinkSync(readlinkSync(from), to);
  else if ((stat.mode & OTHERS_READ) !== 0) unlessForbidden(() => copyOne(from, to, stat, hidden));
}

function copyOne(from: string, to: string, stat: Stats, hidden: readonly string[]): void {
  if (stat.isDirectory()) {
    const names = readdirSync(from);
    mkdirSync(to);
    chmodSync(to, (stat.mode & 0o777) | 0o700);
    for (const name of names) copyPublic(`${from}/${name}`, `${to}/${name}`, hidden);
  } else if (stat.isFile()) {
    copyFileSync(from, to);
    chmodSync(to, (stat.mode & 0o777) | 0o600);
  }
}

/** A file may vanish meanwhile, and a security module may forbid what the mode allows: both are left out. */
function unlessForbidden(copy: () => void): void {
  try {
    copy();
  } catch (error) {
    if (!["EACCES", "EPERM", "ENOENT"].includes(codeOf(error) ?? "")) throw error;
  }
}
