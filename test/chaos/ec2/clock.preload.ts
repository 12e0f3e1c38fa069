// Time passes CLOCK_SPEED times as fast in this process, counted from the moment CLOCK_START (ms) as in all others that are
// told the same: what a program waits minutes for comes in seconds, and all agree about the time.
const start = Number(process.env["CLOCK_START"]);
const speed = Number(process.env["CLOCK_SPEED"]);

const { now } = Date;
Date.now = () => Math.round(start + (now() - start) * speed);

const { setTimeout: timeout } = globalThis;
const faster = (work: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => timeout(work, ms / speed, ...args);
globalThis.setTimeout = Object.assign(faster, timeout) as typeof timeout;
