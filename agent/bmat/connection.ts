import { reasonOf } from "../../core/common/errors.ts";
import { Decoder, encode, type Reply, type Request } from "../control/protocol.ts";

/** The agent answered that it will not. */
export class AgentRefused extends Error {}

/** A way to ask the agent of this machine. One question at a time. */
export interface Connection {
  /** @throws AgentRefused, or Error when the agent has gone */
  ask(request: Request): Promise<Exclude<Reply, { Error: string }>>;
  close(): void;
}

interface Waiting {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

/** @throws Error where there is no agent, that is: outside a job */
export async function connect(path: string): Promise<Connection> {
  const decoder = new Decoder();
  const waiting = new Map<number, Waiting>();
  const lost = (why: string) => {
    for (const { reject } of waiting.values()) reject(new Error(`the agent of this machine has gone: ${why}`));
    waiting.clear();
  };
  let unsent: Uint8Array = new Uint8Array();
  const flush = (to: { write(bytes: Uint8Array): number }) => {
    const written = to.write(unsent);
    if (written > 0) unsent = unsent.subarray(written);
  };
  const socket = await Bun.connect({
    unix: path,
    socket: {
      data(from, bytes) {
        try {
          for (const { id, payload } of decoder.push(bytes)) if ("Resp" in payload) waiting.get(id)?.resolve(payload.Resp);
        } catch (error) {
          lost(reasonOf(error));
          from.terminate();
        }
      },
      drain: flush,
      close: () => lost("the connection was closed"),
    },
  }).catch((cause: unknown) => {
    throw new Error(`cannot reach the agent at ${path}: bmat works inside a job only`, { cause });
  });
  let last = 0;
  return {
    async ask(request) {
      const id = ++last;
      const { promise, resolve, reject } = Promise.withResolvers<Reply>();
      waiting.set(id, { resolve, reject });
      unsent = Buffer.concat([unsent, encode({ id, payload: { Req: request } })]);
      flush(socket);
      const reply = await promise;
      waiting.delete(id);
      if (typeof reply === "object" && "Error" in reply) throw new AgentRefused(reply.Error);
      return reply;
    },
    close: () => socket.end(),
  };
}
