import { expect } from "bun:test";
import { attack } from "./attack.ts";

const MIB = 1024 * 1024;

attack(
  "200 MB without a newline arrive in pieces, each byte once",
  { script: `head -c ${200 * MIB} /dev/zero | tr '\\0' x; echo` },
  ({ job, lines }) => {
    expect(job.state).toBe("completed");
    const pieces = lines("stdout");
    expect(pieces.reduce((sum, piece) => sum + piece.length, 0)).toBe(200 * MIB);
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(64 * 1024);
    expect(pieces.every((piece) => piece === "x".repeat(piece.length))).toBe(true);
  },
);

attack(
  "binary output and what steers a terminal",
  {
    script: `head -c ${4 * MIB} /dev/urandom; echo; printf '\\0\\033]0;owned\\007\\033[2J\\033[31mred\\r\\n'; for i in $(seq 0 255); do printf "\\\\x$(printf %x "$i")"; done; echo; echo end`,
  },
  async ({ job, lines }, { cli }) => {
    expect(job.state).toBe("completed");
    expect(lines("stdout").at(-1)).toBe("end");
    expect(lines("stdout")).toContain("\0\u001b]0;owned\u0007\u001b[2J\u001b[31mred");
    expect((await cli("job", "verify", job.id)).status).toBe(0);
  },
);
