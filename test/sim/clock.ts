/** Something that lives in simulated time: a server, a factory, an agent, a machine. */
export interface Actor {
  readonly name: string;
  readonly alive: boolean;
  /** Until then, ms, nothing that happens reaches it: it is stopped, and finds all of it waiting when it goes on. */
  readonly frozenUntil: number;
}

interface Due {
  at: number;
  number: number;
  actor: Actor;
  what: string;
  happen: () => void;
}

/** Time that stands still until `step` moves it to the next thing that is due. */
export class Clock {
  now = Date.UTC(2026, 0, 1);
  /** Sorted, what comes first last. */
  readonly #due: Due[] = [];
  #number = 0;

  /** Has something happen to an actor that is alive then. @returns what takes it back */
  after(actor: Actor, ms: number, what: string, happen: () => void): () => void {
    const due = { at: this.now + Math.max(0, Math.round(ms)), number: ++this.#number, actor, what, happen };
    this.#insert(due);
    return () => {
      const at = this.#due.indexOf(due);
      if (at >= 0) this.#due.splice(at, 1);
    };
  }

  /** Makes the next thing happen. @returns who and what it was; undefined when nothing is left */
  step(): { actor: Actor; what: string } | undefined {
    for (let due = this.#due.pop(); due; due = this.#due.pop()) {
      if (!due.actor.alive) continue;
      if (due.actor.frozenUntil > due.at) {
        this.#insert({ ...due, at: due.actor.frozenUntil });
        continue;
      }
      this.now = Math.max(this.now, due.at);
      due.happen();
      return due;
    }
    return undefined;
  }

  #insert(due: Due): void {
    let low = 0;
    let high = this.#due.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#due[middle];
      if (other && (other.at > due.at || (other.at === due.at && other.number > due.number))) low = middle + 1;
      else high = middle;
    }
    this.#due.splice(low, 0, due);
  }
}
