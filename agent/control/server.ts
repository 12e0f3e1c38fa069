import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import type { Socket } from "bun";
import { reasonOf } from "../../core/common/errors.ts";
import type { Agent } from "../agent.ts";
import { type Peer, peerOf } from "../libc.ts";
import { answer } from "./answer.ts";
import { Decoder, encode, type Message, type Reply } from "./protocol.ts";

/** What the agent can bear of a job that means it ill; the control program has one connection, and one request at a time. */
const MOST_CONNECTIONS = 256;
const MOST_REQUESTS = 32;
/** Bytes of messages that have not come to their end, on all connections together. */
const MOST_HELD = 64 * 1024 * 1024;
/** Bytes of answers that one connection does not fetch. */
const MOST_UNSENT = 1024 * 1024;

/** One connection of the control program; its requests are answered in order. */
interface Connection {
  peer: Peer;
  decoder: Decoder;
  turn: Promise<void>;
  /** Requests that wait for their turn or their answer. */
  waiting: number;
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
  const open = new Set<Socket<Connection>>();
  const held = () => open.values().reduce((sum, { data }) => sum + data.decoder.held, 0);
  const server = Bun.listen<Connection>({
    unix: path,
    socket: {
      open(socket) {
        // Who it is decides the kernel: what a message says about that proves nothing.
        socket.data = {
          peer: peerOf(fdOf(socket)),
          decoder: new Decoder(),
          turn: Promise.resolve(),
          waiting: 0,
          gone: new AbortController(),
          unsent: new Uint8Array(),
        };
        open.add(socket);
        if (open.size > MOST_CONNECTIONS) hangUp(agent, socket, "there are too many connections");
      },
      data(socket, bytes) {
        try {
          for (const message of socket.data.decoder.push(bytes)) enqueue(agent, socket, message);
          if (held() > MOST_HELD) throw new Error("too much has come of messages without an end");
        } catch (error) {
          hangUp(agent, socket, reasonOf(error));
        }
      },
      drain: flush,
      close(socket) {
        open.delete(socket);
        socket.data.gone.abort();
      },
      error: (socket) => socket.terminate(),
    },
  });
  chmodSync(path, 0o777);
  return { stop: () => server.stop(true) };
}

function hangUp({ logger }: Agent, socket: Socket<Connection>, reason: string): void {
  logger.debug("control connection closed", { peer: socket.data.peer, reason });
  socket.terminate();
}

/** Answers a request when those before it on the same connection have been answered. */
function enqueue(agent: Agent, socket: Socket<Connection>, { id, payload }: Message): void {
  if (!("Req" in payload)) throw new Error("only requests are expected here");
  const { data } = socket;
  if (++data.waiting > MOST_REQUESTS) throw new Error("too many requests wait on one connection");
  data.turn = data.turn.then(async () => {
    if (data.gone.signal.aborted) return;
    const reply = await answer(agent, payload.Req, data.peer, data.gone.signal).catch(
      (error: unknown): Reply => ({ Error: reasonOf(error) }),
    );
    data.waiting--;
    data.unsent = Buffer.concat([data.unsent, encode({ id, payload: { Resp: reply } })]);
    if (data.unsent.length > MOST_UNSENT) return hangUp(agent, socket, "nobody fetches its answers");
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
