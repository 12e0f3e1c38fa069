import { findChromium, NoBrowser } from "../test/browser/find.ts";

/** Of all of it, ms: without a browser most is tested all the same. */
const DEADLINE = 240_000;
const APT = ["-qq", "-o", "Acquire::http::Timeout=20", "-o", "Acquire::Retries=1"];
const STEPS = [
  ["apt-get", ...APT, "update"],
  ["apt-get", ...APT, "install", "-y", "--no-install-recommends", "chromium"],
];

/** Installs the browser that pages are tried in, where there is none and this may be done. */
export async function getBrowser(): Promise<void> {
  try {
    findChromium();
  } catch (error) {
    if (!(error instanceof NoBrowser)) throw error;
    const may = process.getuid?.() === 0 && Bun.which("apt-get") !== null;
    if (!may) return console.error(error.message);
    console.error("== installing chromium, to try pages in");
    if (!(await install())) console.error(`that did not work; ${error.message}`);
  }
}

async function install(): Promise<boolean> {
  const signal = AbortSignal.timeout(DEADLINE);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  let code = 1;
  for (const command of STEPS)
    code = await Bun.spawn(command, { env, signal, stdin: "ignore", stdout: "ignore", stderr: "ignore" }).exited;
  return code === 0;
}
