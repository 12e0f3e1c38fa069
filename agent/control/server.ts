import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import type { Socket } from "bun";
import { reasonOf } from "../../core/common/errors.ts";
import type { Agent } from "../agent.ts";
import { type Peer, peerOf } from "../libc.ts";
import { answer } from "./answer.ts";
import { Decoder, encode, type Message, type Reply } from "./protocol.ts";

/** One connection of the control program; its requests are answered in order. */
interface Connection {
  peer: Peer;
  decoder: Decoder;
  turn: Promise<void>;
  /** Fires when the other end has gone. */
  gone: AbortController;
  /** What the socket has not taken yet. */
  unsent: Uint8Array;
}

/** Serves the control socket, in whatever state the agent is. */
export function serveControl(agent: Agent): { stop(): void } {
  const { socket: path } = agent.paths;
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  const server = Bun.listen<Connection>({
    unix: path,
    socket: {
      open(socket) {
        // Who it is decides the kernel: what a message says about that proves nothing.
        socket.data = {
          peer: peerOf(fdOf(socket)),
          decoder: new Decoder(),
          turn: Promise.resolve(),
          gone: new AbortController(),
          unsent: new Uint8Array(),
        };
      },
      data(socket, bytes) {
        try {
          for (const message of socket.data.decoder.push(bytes)) enqueue(agent, socket, message);
        } catch (error) {
          agent.logger.warn("control connection closed", { peer: socket.data.peer, reason: reasonOf(error) });
          socket.terminate();
        }
      },
      drain: flush,
      close: ({ data }) => data.gone.abort(),
      error: (socket) => socket.terminate(),
    },
  });
  chmodSync(path, 0o777);
  return { stop: () => server.stop(true) };
}

/** Answers a request when those before it on the same connection have been answered. */
function enqueue(agent: Agent, socket: Socket<Connection>, { id, payload }: Message): void {
  if (!("Req" in payload)) throw new Error("only requests are expected here");
  const { data } = socket;
  data.turn = data.turn.then(async () => {
    const reply = await answer(agent, payload.Req, data.peer, data.gone.signal).catch(
      (error: unknown): Reply => ({ Error: reasonOf(error) }),
    );
    data.unsent = Buffer.concat([data.unsent, encode({ id, payload: { Resp: reply } })]);
    flush(socket);
  });
}

function flush(socket: Socket<Connection>): void {
  const written = socket.write(socket.data.unsent);
  if (written > 0) socket.data.unsent = socket.data.unsent.subarray(written);
}

/** Bun knows the descriptor of a socket, its types do not. */
function fdOf(socket: object): number {
  if (!("fd" in socket) || typeof socket.fd !== "number") throw new Error("a socket without a descriptor");
  return socket.fd;
}
