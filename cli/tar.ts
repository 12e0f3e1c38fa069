/** What goes into an archive: name with `/` between its parts, POSIX permissions. */
export type TarEntry = { name: string; mode: number } & ({ type: "file"; size: number } | { type: "link"; target: string });

const BLOCK = 512;
/** One instant for every file, so that the same tree makes the same archive; late enough for tools that mistrust 1970. */
const MTIME = Date.UTC(2000, 0, 1) / 1000;

/** The header of an entry in the POSIX pax format; the bytes of a file follow it, filled up with `padding`. */
export function tarHeader(entry: TarEntry): Uint8Array {
  const target = entry.type === "link" ? entry.target : "";
  const size = entry.type === "file" ? entry.size : 0;
  const extended = [
    ...(fits(entry.name, 100) ? [] : [record("path", entry.name)]),
    ...(fits(target, 100) ? [] : [record("linkpath", target)]),
    ...(size < 8 ** 11 ? [] : [record("size", String(size))]),
  ].join("");
  const own = header({ name: entry.name, mode: entry.mode, size, type: entry.type === "file" ? "0" : "2", target });
  if (extended === "") return own;
  const body = Buffer.from(extended);
  return Buffer.concat([
    header({ name: "pax", mode: 0o644, size: body.length, type: "x", target: "" }),
    body,
    padding(body.length),
    own,
  ]);
}

/** Zeros that fill the last block of a file of this size. */
export const padding = (size: number): Uint8Array => new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK);

/** What stands after the last entry. */
export const tarEnd = (): Uint8Array => new Uint8Array(2 * BLOCK);

/** Fields that hold ASCII alone can do without an extended header. */
const fits = (text: string, length: number) => Buffer.byteLength(text) <= length && /^[\x20-\x7e]*$/.test(text);

/** `LENGTH key=value\n`, where LENGTH counts itself. */
function record(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest;
  while (String(length).length + rest !== length) length = String(length).length + rest;
  return `${length} ${key}=${value}\n`;
}

function header(of: { name: string; mode: number; size: number; type: string; target: string }): Uint8Array {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, length: number) => block.write(value.toString(8).padStart(length - 1, "0"), at);
  block.write(of.name, 0, 100);
  octal(of.mode & 0o7777, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(of.size < 8 ** 11 ? of.size : 0, 124, 12);
  octal(MTIME, 136, 12);
  block.fill(" ", 148, 156);
  block.write(of.type, 156);
  block.write(of.target, 157, 100);
  block.write("ustar\0" + "00root", 257);
  block.write("root", 297);
  // Six digits, NUL, space: the checksum over the block with its own field blank.
  block.write(
    `${block
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0`,
    148,
  );
  return block;
}
