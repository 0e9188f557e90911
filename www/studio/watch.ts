/** A request, and when it began, in milliseconds since 1970. */
export interface Request {
  readonly name: string;
  readonly at: number;
}

/** To a worker's watch. */
export type ToWatched = { readonly kind: "seal" } | { readonly kind: "try"; readonly address: string };

/** From it. */
export type FromWatched =
  | { readonly kind: "requests"; readonly requests: readonly Request[] }
  | { readonly kind: "sealed" }
  | { readonly kind: "tried"; readonly refused: string | undefined };

/** Milliseconds until a worker that has not answered counts as one that does not: it is gone, or stuck in its work. */
const PATIENCE = 5000;

/** The package's workers, each of which has a twin here with the watch in it. */
const WATCHED = /\/pkg\/(worker|insight-worker)\.js$/;

/** Every request of the page and of its workers, as the browser itself tells of them. */
export class Watch {
  readonly requests: Request[] = [];
  /** What a policy has refused. */
  refused = 0;
  /** Called after a change. */
  onchange: () => void = () => undefined;
  readonly #workers = new Map<Worker, Line>();

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

  /** Takes their ways to the network from the workers. Resolves to how many have not confirmed it in time. */
  async seal(): Promise<number> {
    const answers = await this.#ask({ kind: "seal" }, "sealed");
    return answers.filter((answer) => answer === "silent").length;
  }

  /** Lets each worker try to send a request. Resolves to what came of it, for each that has not been ended meanwhile. */
  async try(address: string): Promise<readonly (Answer<"tried"> | "silent")[]> {
    const answers = await this.#ask({ kind: "try", address }, "tried");
    return answers.filter((answer) => answer !== "ended");
  }

  #ask<K extends FromWatched["kind"]>(message: ToWatched, kind: K): Promise<readonly (Answer<K> | Unanswered)[]> {
    return Promise.all([...this.#workers.values()].map((line) => ask(line, message, kind)));
  }

  #add(requests: readonly Request[]): void {
    this.requests.push(...requests);
    this.onchange();
  }

  /** The package makes its workers by itself; here each gets a watch. Once the page has its policy, none can begin. */
  #wrap(): void {
    const watch = this;
    globalThis.Worker = class extends globalThis.Worker {
      constructor(address: string | URL, options?: WorkerOptions) {
        const [, name] = WATCHED.exec(new URL(address, location.href).pathname) ?? [];
        if (!name) {
          super(address, options);
          return;
        }
        const id = crypto.randomUUID();
        const channel = new BroadcastChannel(id);
        channel.addEventListener("message", ({ data }: MessageEvent<FromWatched>) => {
          if (data.kind === "requests") watch.#add(data.requests);
        });
        super(new URL(`./watched-${name}.js?watch=${id}`, import.meta.url), options);
        watch.#workers.set(this, { channel, ended: new AbortController() });
      }

      override terminate(): void {
        const line = watch.#workers.get(this);
        watch.#workers.delete(this);
        line?.channel.close();
        line?.ended.abort();
        super.terminate();
      }
    };
  }
}

type Answer<K> = Extract<FromWatched, { readonly kind: K }>;

/** Why there is no answer: the page has ended the worker, or the worker says nothing. */
type Unanswered = "ended" | "silent";

/** The way to a worker, until the page ends it. */
interface Line {
  readonly channel: BroadcastChannel;
  readonly ended: AbortController;
}

/** A worker that closed itself or has crashed tells nobody: there is an end to the waiting. */
function ask<K extends FromWatched["kind"]>(
  { channel, ended: { signal } }: Line,
  message: ToWatched,
  kind: K,
): Promise<Answer<K> | Unanswered> {
  return new Promise((resolve) => {
    const end = (answer: Answer<K> | Unanswered): void => {
      clearTimeout(timer);
      channel.removeEventListener("message", hear);
      signal.removeEventListener("abort", stop);
      resolve(answer);
    };
    const hear = ({ data }: MessageEvent<FromWatched>): void => {
      if (data.kind === kind) end(data as Answer<K>);
    };
    const stop = (): void => end("ended");
    const timer = setTimeout(end, PATIENCE, "silent");
    channel.addEventListener("message", hear);
    signal.addEventListener("abort", stop);
    channel.postMessage(message);
  });
}
