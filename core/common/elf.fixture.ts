import type { Architecture } from "./agent-program.ts";

/** As much of a program for such a processor as is needed to see what it is for. */
export function elfFor(architecture: Architecture): Buffer<ArrayBuffer> {
  const header = Buffer.alloc(64);
  header.write("\x7fELF\x02\x01\x01", "latin1");
  header.writeUInt16LE(architecture === "arm64" ? 183 : 62, 18);
  return header;
}
