import { chmodSync, rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { pipeline } from "node:stream";

/** A socket that leads to the core and to nothing else: the only way out of a box without network. */
export interface Gate {
  readonly path: string;
  close(): Promise<void>;
}

/** @param url of the core; the bytes pass as they are, so TLS is between agent and core */
export async function openGate(path: string, url: string): Promise<Gate> {
  const { hostname, port, protocol } = new URL(url);
  const target = { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) || (protocol === "https:" ? 443 : 80) };
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    const core = connect(target);
    // Either end going away ends the other; what that loses, its own client notices.
    pipeline(socket, core, () => core.destroy());
    pipeline(core, socket, () => socket.destroy());
  });
  await listening(server, path);
  // Every box is other users' ids to this host.
  chmodSync(path, 0o666);
  return { path, close: () => closed(server) };
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => server.once("error", reject).listen(path, resolve));
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())));
}
