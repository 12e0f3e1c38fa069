import type { AnyElysia } from "elysia";
import { codeOf, Explained, reasonOf } from "./errors.ts";

export interface ListenOptions {
  /** Silence after which a connection is closed, seconds. */
  idleTimeout: number;
  /** Bytes; a larger request ends its connection. */
  maxRequestBodySize: number;
  tls?: Bun.TLSOptions;
}

/** Serves at `host:port` or `[::1]:port`. @returns the url, with the port that port 0 became @throws Explained where it cannot */
export function listen(app: AnyElysia, address: string, options: ListenOptions): string {
  const at = address.lastIndexOf(":");
  const [host, port] = [address.slice(0, at), Number(address.slice(at + 1))];
  try {
    app.listen({ ...options, hostname: host.replace(/^\[|\]$/g, ""), port, reusePort: false, development: false });
  } catch (error) {
    const taken = codeOf(error) === "EADDRINUSE";
    const what = taken ? "the port is in use: stop what is there, or choose another port" : reasonOf(error);
    throw new Explained(`cannot listen on ${address}: ${what}`, { cause: error });
  }
  return `${options.tls ? "https" : "http"}://${host}:${app.server?.port ?? port}`;
}
