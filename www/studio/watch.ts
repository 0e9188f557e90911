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

/** The package's workers, each of which has a twin here with the watch in it. */
const WATCHED = /\/pkg\/(worker|insight-worker)\.js$/;

/** Every request of the page and of its workers, as the browser itself tells of them. */
export class Watch {
  readonly requests: Request[] = [];
  /** What a policy has refused. */
  refused = 0;
  /** Called after a change. */
  onchange: () => void = () => undefined;
  readonly #workers = new Map<Worker, BroadcastChannel>();

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

  /** Takes their ways to the network from the workers. Resolves when all have confirmed it. */
  async seal(): Promise<void> {
    await Promise.all([...this.#workers.values()].map((channel) => ask(channel, { kind: "seal" }, "sealed")));
  }

  /** Lets each worker try to send a request: why it was refused, or `undefined` where it was not. */
  async try(address: string): Promise<readonly (string | undefined)[]> {
    const channels = [...this.#workers.values()];
    return Promise.all(
      channels.map(async (channel) => (await ask(channel, { kind: "try", address }, "tried")).refused),
    );
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
        watch.#workers.set(this, channel);
      }

      override terminate(): void {
        watch.#workers.get(this)?.close();
        watch.#workers.delete(this);
        super.terminate();
      }
    };
  }
}

type Answer<K> = Extract<FromWatched, { readonly kind: K }>;

function ask<K extends FromWatched["kind"]>(
  channel: BroadcastChannel,
  message: ToWatched,
  kind: K,
): Promise<Answer<K>> {
  return new Promise((resolve) => {
    const hear = ({ data }: MessageEvent<FromWatched>): void => {
      if (data.kind !== kind) return;
      channel.removeEventListener("message", hear);
      resolve(data as Answer<K>);
    };
    channel.addEventListener("message", hear);
    channel.postMessage(message);
  });
}
