import type { World } from "../common/world.ts";
import { watchdog } from "./watchdog.ts";

/** The connection ended or fell silent in the middle. Asking again can help. */
export class StreamBroken extends Error {}

/** A stream that brings nothing for this long is dead, ms. A live stream of events brings a sign every 5 s. */
const SILENT = 30_000;

/** The bytes of an answer as they come. @throws StreamBroken */
export async function* bodyOf(world: World, response: Response): AsyncGenerator<Uint8Array> {
  const reader = (response.body ?? new Blob([]).stream()).getReader();
  let silent = false;
  const giveUp = () => void reader.cancel().catch(() => {});
  const dog = watchdog(world, SILENT, () => {
    silent = true;
    // Ends the read that waits. A race against a promise would keep something for every read until the stream ends.
    giveUp();
  });
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        throw new StreamBroken("the connection broke", { cause });
      });
      if (silent) throw new StreamBroken(`nothing came for ${SILENT / 1000} seconds`);
      if (done) return;
      dog.feed();
      yield value;
    }
  } finally {
    dog.stop();
    giveUp();
  }
}
