interface SlowRequest {
  method: string;
  path: string;
  token: string;
  body: string;
}

/** A request of which the server has the head and half of the body. */
export interface Slow {
  /** Sends the rest. @returns what the server answers to the whole */
  finish(): Promise<{ status: number; text: string }>;
}

/** @param url of the server */
export async function slowly(url: string, { method, path, token, body }: SlowRequest): Promise<Slow> {
  const { hostname, port } = new URL(url);
  const answered = Promise.withResolvers<string>();
  let answer = "";
  const socket = await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      data: (_, bytes) => {
        answer += bytes.toString("latin1");
      },
      close: () => answered.resolve(answer),
      error: (_, error) => answered.reject(error),
    },
  });
  const head = [
    `${method} ${path} HTTP/1.1`,
    "host: x",
    "connection: close",
    `authorization: Bearer ${token}`,
    `content-length: ${body.length}`,
  ];
  const half = body.length >> 1;
  socket.write(`${head.join("\r\n")}\r\n\r\n${body.slice(0, half)}`);
  // Whatever is answered after it was read after it.
  await fetch(`${url}/0/quota`);
  return {
    async finish() {
      socket.write(body.slice(half));
      const text = await answered.promise;
      return { status: Number(text.slice(9, 12)), text: text.slice(text.indexOf("\r\n\r\n") + 4) };
    },
  };
}
