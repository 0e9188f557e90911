/** A request, and when it began, in milliseconds since 1970. */
export interface Request {
  readonly name: string;
  readonly at: number;
}

/** To the worker's watch. */
export type ToWatched = { readonly studio: "seal" } | { readonly studio: "try"; readonly address: string };

/** From it. */
export type FromWatched =
  | { readonly studio: "requests"; readonly requests: readonly Request[] }
  | { readonly studio: "sealed" }
  | { readonly studio: "tried"; readonly refused: string | undefined };

/** Every request of the page and of the engine's worker, as the browser itself tells of them. */
export class Watch {
  readonly requests: Request[] = [];
  /** What a policy has refused. */
  refused = 0;
  /** Called after a change. */
  onchange: () => void = () => undefined;
  readonly #workers = new Set<Worker>();
  #sealed = false;

  constructor() {
    new PerformanceObserver((list) => {
      this.#add(list.getEntries().map(({ name, startTime }) => ({ name, at: performance.timeOrigin + startTime })));
    }).observe({ type: "resource", buffered: true });
    document.addEventListener("securitypolicyviolation", () => {
      this.refused += 1;
      this.onchange();
    });
    this.#wrap();
  }

  /** Requests that began at this time or later. */
  since(at: number): readonly Request[] {
    return this.requests.filter((request) => request.at >= at);
  }

  /** Takes their ways to the network from the workers, those to come too. Resolves when those that run have confirmed it. */
  async seal(): Promise<void> {
    this.#sealed = true;
    await Promise.all([...this.#workers].map((worker) => ask(worker, { studio: "seal" }, "sealed")));
  }

  /** Lets each worker try to send a request: why it was refused, or `undefined` where it was not. */
  async try(address: string): Promise<readonly (string | undefined)[]> {
    const workers = [...this.#workers];
    return Promise.all(workers.map(async (w) => (await ask(w, { studio: "try", address }, "tried")).refused));
  }

  #add(requests: readonly Request[]): void {
    this.requests.push(...requests);
    this.onchange();
  }

  /** The engine makes its worker by itself; here it gets one with a watch in it. */
  #wrap(): void {
    const watch = this;
    const Native = globalThis.Worker;
    globalThis.Worker = class extends Native {
      constructor(address: string | URL, options?: WorkerOptions) {
        const engine = /\/pkg\/worker\.js$/.test(new URL(address, location.href).pathname);
        super(engine ? new URL("./watched.js", import.meta.url) : address, options);
        if (!engine) return;
        watch.#workers.add(this);
        this.addEventListener("message", ({ data }: MessageEvent<Partial<FromWatched>>) => {
          if (data.studio === "requests" && data.requests) watch.#add(data.requests);
        });
        if (watch.#sealed) this.postMessage({ studio: "seal" } satisfies ToWatched);
      }

      override terminate(): void {
        watch.#workers.delete(this);
        super.terminate();
      }
    };
  }
}

type Answer<K> = Extract<FromWatched, { readonly studio: K }>;

function ask<K extends FromWatched["studio"]>(worker: Worker, message: ToWatched, kind: K): Promise<Answer<K>> {
  return new Promise((resolve) => {
    const hear = ({ data }: MessageEvent<Partial<FromWatched>>): void => {
      if (data.studio !== kind) return;
      worker.removeEventListener("message", hear);
      resolve(data as Answer<K>);
    };
    worker.addEventListener("message", hear);
    worker.postMessage(message);
  });
}
