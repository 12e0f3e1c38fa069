import type { World } from "../common/world.ts";

export interface Watchdog {
  feed(): void;
  stop(): void;
}

/** Calls `bite` once it was not fed for `ms`. Feeding is cheap enough for every packet. */
export function watchdog(world: World, ms: number, bite: () => void): Watchdog {
  let fed = world.now();
  const look = () => {
    const left = fed + ms - world.now();
    if (left <= 0) bite();
    else cancel = world.after(left, look);
  };
  let cancel = world.after(ms, look);
  return {
    feed: () => {
      fed = world.now();
    },
    stop: () => cancel(),
  };
}
