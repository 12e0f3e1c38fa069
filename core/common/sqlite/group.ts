/** One change of a group: it answers its caller once the group is on disk, or is not. */
interface Member {
  /** Never throws. @returns what answers the caller after the commit */
  work(): () => void;
  refuse(error: unknown): void;
}

/**
 * Commits changes that come at the same time together: the flush to disk is the dearest part of a small one, and pages that
 * several of them touch are written once. Each is a part of its own, so that one that fails leaves the others alone.
 */
export class Group {
  readonly #change: <T>(work: () => T) => T;
  #members: Member[] = [];

  /** @param change runs work as one transaction that is on disk afterwards, or as a part of the one that is open */
  constructor(change: <T>(work: () => T) => T) {
    this.#change = change;
  }

  /** Resolves once it is on disk. @throws whatever `work` throws, or the commit of all */
  run<T>(work: () => T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const attempt = () => {
      try {
        const value = this.#change(work);
        return () => resolve(value);
      } catch (error) {
        return () => reject(error);
      }
    };
    this.#members.push({ work: attempt, refuse: reject });
    // Requests that came in the same turn of the event loop are all here by then.
    if (this.#members.length === 1) setImmediate(() => this.#commit());
    return promise;
  }

  #commit(): void {
    const members = this.#members;
    this.#members = [];
    try {
      const answers = this.#change(() => members.map((member) => member.work()));
      for (const answer of answers) answer();
    } catch (error) {
      for (const member of members) member.refuse(error);
    }
  }
}
