import { EXIT, Exit } from "../core/common/command/failure.ts";
import type { Output } from "../core/common/command/output.ts";

const CTRL_C = "\u0003";
const CTRL_U = "\u0015";
const RUBOUT = "\b\u007f";
const ENTER = "\r\n\u0004";

/**
 * Asks the person at the terminal. It is in raw mode until this is disposed of, so that nothing which is typed ahead, or
 * pasted along with another answer, is shown by the terminal itself; what the usual keys do is done here.
 */
export class Asking implements Disposable {
  readonly #out: Output;
  #keys = "";
  #more = Promise.withResolvers<void>();

  constructor(out: Output) {
    this.#out = out;
    process.stdin.setRawMode(true);
    process.stdin.on("data", this.#take);
  }

  readonly #take = (bytes: Buffer): void => {
    this.#keys += bytes.toString();
    this.#more.resolve();
  };

  /** One line, typed after the question. @throws Exit on Ctrl-C */
  async line(question: string, { shown }: { shown: boolean }): Promise<string> {
    let text = "";
    this.#out.draw(question);
    for (;;) {
      const key = await this.#key();
      if (ENTER.includes(key)) break;
      if (key === CTRL_C) {
        this.#out.draw("\n");
        throw new Exit(EXIT.interrupted);
      }
      if (key === CTRL_U) text = "";
      else if (RUBOUT.includes(key)) text = text.slice(0, -1);
      else if (key >= " ") text += key;
      if (shown) this.#out.draw(`\r\u001b[K${question}${text}`);
    }
    this.#out.draw("\n");
    return text.trim();
  }

  async #key(): Promise<string> {
    while (this.#keys === "") {
      await this.#more.promise;
      this.#more = Promise.withResolvers();
    }
    const key = this.#keys.charAt(0);
    this.#keys = this.#keys.slice(1);
    return key;
  }

  [Symbol.dispose](): void {
    process.stdin.off("data", this.#take);
    process.stdin.pause();
    process.stdin.setRawMode(false);
  }
}
