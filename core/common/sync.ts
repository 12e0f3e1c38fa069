import { open } from "node:fs/promises";

/** Once this has returned, a power cut takes neither the bytes of a file, nor the names in a directory. */
export async function sync(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
