/** The page's side of a worker: one engine with one model, shared by all writers that ask for the same. */

import { fromElsewhere } from "./elsewhere";
import { exception } from "./errors";
import type { EngineOptions, FromWorker, Ready, ToWorker, Work } from "./protocol";
import type { Delta } from "./types";

interface Call {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly onDelta: ((delta: Delta) => void) | undefined;
}

/** Milliseconds after which a worker that was asked to close is ended. */
const GRACE = 1000;

const hosts = new Map<string, Host>();

/**
 * Options under which an adapter has passed the self-check since this page was loaded: whether with f16. Each model may have kernels
 * of its own. Nothing of it outlives the page.
 */
const checked = new Map<string, boolean>();

/** A worker. It lives as long as somebody holds it. */
export class Host {
  /** Settles once: the engine is ready to write, or why it cannot. */
  readonly ready: Promise<Ready>;
  /** Told how much of the model is here, 0 to 1. */
  readonly listeners = new Set<(loaded: number) => void>();
  loaded = 0;
  /** Whether {@link Host.ready} has resolved. */
  open = false;
  readonly #key: string;
  readonly #worker: Worker;
  readonly #calls = new Map<number, Call>();
  #holders = 0;
  /** Why the worker has ended, if it has. */
  #failure: Error | undefined;
  #next = 1;
  #settle!: { readonly resolve: (ready: Ready) => void; readonly reject: (error: unknown) => void };

  /** The host for these options, made if there is none. Every `acquire` needs one {@link Host.release}. */
  static acquire(options: EngineOptions): Host {
    const key = JSON.stringify(options);
    let host = hosts.get(key);
    if (!host) hosts.set(key, (host = new Host(key, options)));
    host.#holders += 1;
    return host;
  }

  /** The host for these options, if there is one, without holding it. */
  static find(options: EngineOptions): Host | undefined {
    return hosts.get(JSON.stringify(options));
  }

  private constructor(key: string, options: EngineOptions) {
    this.#key = key;
    this.ready = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    this.#worker =
      fromElsewhere(import.meta.url, "./worker.js", "copywright") ??
      new Worker(new URL("./worker.js", import.meta.url), { type: "module", name: "copywright" });
    this.#worker.onmessage = (event: MessageEvent<FromWorker>) => this.#hear(event.data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      const why = event.message ? `: ${event.message}` : "";
      this.#fail(
        this.open
          ? new DOMException(`the worker has failed${why}`, "OperationError")
          : new DOMException(`the worker could not be loaded or has failed${why}`, "NetworkError"),
      );
    };
    this.ready.then(
      ({ adapter }) => checked.set(key, adapter.f16),
      // Whoever waits for it hears of a failure; nobody may be waiting any more.
      () => undefined,
    );
    this.#post({ type: "open", options, checked: checked.get(key) });
  }

  /** Asks the worker. The signal ends the wait at once and the work soon after. */
  call<T>(client: number, work: Work, signal: AbortSignal, onDelta?: (delta: Delta) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      signal.throwIfAborted();
      // Nobody would answer.
      if (this.#failure) throw this.#failure;
      const id = this.#next++;
      const abort = (): void => {
        this.#calls.delete(id);
        this.#post({ type: "cancel", id });
        reject(signal.reason);
      };
      const settle = <V>(end: (value: V) => void) => {
        return (value: V): void => {
          signal.removeEventListener("abort", abort);
          end(value);
        };
      };
      try {
        this.#post({ type: "call", id, client, work });
      } catch (error) {
        throw new TypeError(
          `the input holds what is no data: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
      signal.addEventListener("abort", abort, { once: true });
      this.#calls.set(id, { resolve: settle(resolve as (value: unknown) => void), reject: settle(reject), onDelta });
    });
  }

  /** Gives up one {@link Host.acquire}. The last one ends the worker, and with it the engine's memory. */
  release(): void {
    this.#holders -= 1;
    if (this.#holders > 0) return;
    this.#forget();
    this.#finish();
  }

  /** Ends the worker, after it had time to give up what it was doing. */
  #finish(): void {
    this.#post({ type: "close" });
    setTimeout(() => this.#worker.terminate(), GRACE);
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #hear(message: FromWorker): void {
    switch (message.type) {
      case "progress":
        this.loaded = message.loaded;
        for (const listener of this.listeners) listener(message.loaded);
        break;
      case "ready":
        this.open = true;
        this.#settle.resolve(message.ready);
        break;
      case "failed":
        this.#fail(exception(message.failure));
        break;
      case "delta":
        this.#calls.get(message.id)?.onDelta?.(message.delta);
        break;
      case "done":
        this.#take(message.id)?.resolve(message.value);
        break;
      case "error":
        this.#take(message.id)?.reject(exception(message.failure));
        break;
    }
  }

  #take(id: number): Call | undefined {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    return call;
  }

  /** The worker cannot go on. The next `create()` begins with a new one. */
  #fail(error: Error): void {
    this.#forget();
    this.#failure = error;
    this.#settle.reject(error);
    for (const call of this.#calls.values()) call.reject(error);
    this.#calls.clear();
    this.#finish();
  }

  #forget(): void {
    this.open = false;
    if (hosts.get(this.#key) === this) hosts.delete(this.#key);
  }
}
