import type { Socket } from "node:net";

/** A TCP connection to be read in parts of a chosen length. */
export class Stream {
  /** Resolves when the connection is gone, either way. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #pieces: Buffer[] = [];
  #ended = false;
  #news = Promise.withResolvers<void>();

  constructor(socket: Socket) {
    this.#socket = socket;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    socket.on("data", (piece: Buffer) => {
      this.#pieces.push(piece);
      this.#tell();
    });
    const end = () => {
      this.#ended = true;
      this.#tell();
    };
    socket.on("end", end);
    socket.on("error", end);
    socket.on("close", () => {
      end();
      resolve();
    });
  }

  /** What comes next, at most so many bytes; undefined at the end. */
  async piece(most = Number.POSITIVE_INFINITY): Promise<Buffer | undefined> {
    while (this.#pieces.length === 0 && !this.#ended) await this.#news.promise;
    const piece = this.#pieces.shift();
    if (piece) this.#putBack(piece.subarray(most));
    return piece?.subarray(0, most);
  }

  /** The head of a message, with the empty line that ends it; undefined when the connection ends before. */
  async head(): Promise<string | undefined> {
    let got = Buffer.alloc(0);
    for (;;) {
      const end = got.indexOf("\r\n\r\n");
      if (end >= 0) {
        this.#putBack(got.subarray(end + 4));
        return got.toString("latin1", 0, end + 4);
      }
      const piece = await this.piece();
      if (!piece) return undefined;
      got = Buffer.concat([got, piece]);
    }
  }

  /** Exactly so many bytes. @throws Error when fewer come */
  async bytes(length: number): Promise<Buffer<ArrayBuffer>> {
    const parts: Buffer[] = [];
    let got = 0;
    while (got < length) {
      const piece = await this.piece();
      if (!piece) throw new Error("the connection ended early");
      parts.push(piece);
      got += piece.length;
    }
    const all = Buffer.concat(parts);
    this.#putBack(all.subarray(length));
    return all.subarray(0, length);
  }

  /** @param lag milliseconds that it is late */
  async write(bytes: Buffer, lag: number): Promise<void> {
    if (bytes.length === 0) return;
    if (lag > 0) await Bun.sleep(lag);
    await new Promise<void>((resolve, reject) => this.#socket.write(bytes, (error) => (error ? reject(error) : resolve())));
  }

  /** Says that nothing more comes, once all is sent. */
  async end(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.end(() => resolve()));
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #putBack(rest: Buffer): void {
    if (rest.length > 0) this.#pieces.unshift(rest);
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }
}
