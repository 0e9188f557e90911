/** One engine does one thing at a time. Writers take turns, so that one with many calls holds up nobody. */

/** Work that waits. */
export interface Job {
  readonly id: number;
  /** Whose it is. */
  readonly client: number;
  /** Does it; never rejects. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/** First come, first served within a writer; round robin among writers. */
export class Queue {
  /** Waiting jobs by writer. Map keeps order: the writer whose turn comes next is first. */
  readonly #waiting = new Map<number, Job[]>();
  /** Who had the last turn: others come first. */
  #last: number | undefined;
  #running: { readonly id: number; readonly controller: AbortController } | undefined;

  add(job: Job): void {
    const own = this.#waiting.get(job.client);
    if (own) own.push(job);
    else this.#waiting.set(job.client, [job]);
    void this.#work();
  }

  /** Takes a job out, or tells the running one to stop. */
  cancel(id: number): void {
    if (this.#running?.id === id) this.#running.controller.abort();
    for (const [client, jobs] of this.#waiting) {
      const rest = jobs.filter((job) => job.id !== id);
      if (rest.length > 0) this.#waiting.set(client, rest);
      else this.#waiting.delete(client);
    }
  }

  async #work(): Promise<void> {
    if (this.#running) return;
    for (let job = this.#next(); job; job = this.#next()) {
      const controller = new AbortController();
      this.#running = { id: job.id, controller };
      await job.run(controller.signal);
      this.#running = undefined;
    }
  }

  #next(): Job | undefined {
    const turns = [...this.#waiting];
    const turn = turns.find(([client]) => client !== this.#last) ?? turns[0];
    if (!turn) return undefined;
    const [client, [job, ...rest]] = turn;
    // To the end of the line, if there is more.
    this.#waiting.delete(client);
    if (rest.length > 0) this.#waiting.set(client, rest);
    this.#last = client;
    return job;
  }
}
