/** One writer for all elements that want the same model, and one batch for those that want the same text. */

import type { Copywright } from "../copywright";
import type { Copy, CreateOptions, PartialBrief } from "../types";
import { agreed } from "./gates";
import { Fallback } from "./reasons";

/** Most texts that one batch has. */
const MOST = 8;

/** Milliseconds after the last element is done until the GPU gets its memory back. */
const REST = 10_000;

/** What an element wants of the engine. */
export interface Wish {
  readonly brief: PartialBrief;
  readonly seed: number | undefined;
  /** Texts to choose from. */
  readonly n: number;
  readonly temperature: number | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (loaded: number) => void;
  /** The engine has begun to write. */
  readonly onWriting: () => void;
}

/** What it gets. */
export interface Written {
  /** The first choice first. */
  readonly copies: readonly Copy[];
  /** BCP-47 tag of the texts. */
  readonly language: string;
}

interface Waiting extends Wish {
  readonly resolve: (written: Written) => void;
  readonly reject: (error: unknown) => void;
}

const pools = new Map<string, Pool>();

/** Elements whose turn is yet to come, further down the page perhaps: the engine stays for them. */
export const expected = new Set<object>();

/** The elements' way to one engine. */
export class Pool {
  readonly #options: CreateOptions;
  readonly #members = new Set<object>();
  readonly #listeners = new Set<(loaded: number) => void>();
  #waiting: Waiting[] = [];
  #writer: Promise<Copywright> | undefined;
  #life = new AbortController();
  #rest: ReturnType<typeof setTimeout> | undefined;

  /** The pool of a model; it is kept on the device if the visitor agreed to that. */
  static of(model: string | null): Pool {
    const options: CreateOptions = { storage: agreed("storage") ? "auto" : "none", ...(model && { model }) };
    const key = JSON.stringify([options, document.baseURI]);
    let pool = pools.get(key);
    if (!pool) pools.set(key, (pool = new Pool(options)));
    return pool;
  }

  private constructor(options: CreateOptions) {
    this.#options = options;
  }

  /** While somebody is in, the engine stays. */
  enter(member: object): void {
    clearTimeout(this.#rest);
    this.#members.add(member);
  }

  /** The last one out lets the engine go, after a while. */
  leave(member: object): void {
    if (!this.#members.delete(member) || this.#members.size > 0) return;
    this.#wait();
  }

  #wait(): void {
    this.#rest = setTimeout(() => (expected.size > 0 ? this.#wait() : this.#end()), REST);
  }

  /** Texts for a wish. Wishes of one moment that are equal become one batch. */
  write(wish: Wish): Promise<Written> {
    return new Promise((resolve, reject) => {
      wish.signal.throwIfAborted();
      wish.signal.addEventListener("abort", () => reject(wish.signal.reason), { once: true });
      if (this.#waiting.push({ ...wish, resolve, reject }) === 1) setTimeout(() => void this.#flush());
    });
  }

  async #flush(): Promise<void> {
    const waiting = this.#waiting.filter(({ signal }) => !signal.aborted);
    this.#waiting = [];
    if (waiting.length === 0) return;
    const progress = waiting.map(({ onProgress }) => onProgress);
    for (const listener of progress) this.#listeners.add(listener);
    try {
      const writer = await this.#open();
      for (const batch of batches(waiting)) void this.#batch(writer, batch);
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    } finally {
      for (const listener of progress) this.#listeners.delete(listener);
    }
  }

  /** Writes one batch. Its members take turns in who chooses first, so that equal places get different texts. */
  async #batch(writer: Copywright, batch: readonly Waiting[]): Promise<void> {
    const [first] = batch;
    if (!first) return;
    const { brief, temperature, seed } = first;
    const n = Math.min(MOST, Math.max(batch.length, ...batch.map((each) => each.n)));
    const gone = new AbortController();
    for (const { signal } of batch) {
      const left = (): void => {
        if (batch.every((each) => each.signal.aborted)) gone.abort(signal.reason);
      };
      if (signal.aborted) left();
      else signal.addEventListener("abort", left, { once: true });
    }
    const { languages } = writer.model;
    try {
      if (brief.language && !languages.some((each) => primary(each) === primary(brief.language))) {
        throw new Fallback("language", `the model writes ${languages.join(", ")}, not ${brief.language}`);
      }
      for (const { onWriting } of batch) onWriting();
      const manner = { ...(seed !== undefined && { seed }), ...(temperature !== undefined && { temperature }) };
      const copies = await writer.variants(brief, { n, signal: gone.signal, ...manner });
      const language = brief.language ?? languages[0] ?? "";
      batch.forEach(({ resolve }, at) => resolve({ copies: [...copies.slice(at), ...copies.slice(0, at)], language }));
    } catch (error) {
      // A worker that has failed does not come back; the next wish makes a new one.
      const { name = "", message } = (error ?? {}) as Partial<Error>;
      const lost = /OperationError|NetworkError|InvalidStateError|NotSupportedError/.test(name);
      if (lost) this.#end();
      // What was there for the first text and is not for this one: a GPU.
      for (const { reject } of batch) reject(lost ? new Fallback("gpu", message) : error);
    }
  }

  #open(): Promise<Copywright> {
    if (this.#writer) return this.#writer;
    const made = this.#make(this.#life.signal);
    this.#writer = made;
    const forget = (): void => {
      if (this.#writer === made) this.#writer = undefined;
    };
    made.catch(forget);
    return made;
  }

  async #make(signal: AbortSignal): Promise<Copywright> {
    // Before anything is fetched: most browsers without WebGPU say so at once.
    const adapter = await navigator.gpu?.requestAdapter().catch(() => null);
    if (!adapter) throw new Fallback("no-webgpu");
    const { Copywright } = await import("../index").catch(unreachable);
    if (!navigator.onLine && (await Copywright.availability(this.#options)) !== "available")
      throw new Fallback("offline");
    return Copywright.create({
      ...this.#options,
      signal,
      monitor: (monitor) => {
        monitor.addEventListener("downloadprogress", ({ loaded }) => {
          for (const listener of this.#listeners) listener(loaded);
        });
      },
    });
  }

  /** The signal destroys the writer, or ends its making. */
  #end(): void {
    this.#life.abort(new DOMException("no element needs the engine", "AbortError"));
    this.#life = new AbortController();
    this.#writer = undefined;
  }
}

/** A part of this package that did not come. */
export function unreachable(error: Error): never {
  throw new DOMException(error.message, "NetworkError");
}

/** Wishes with the same brief and manner, at most as many as a batch has texts. */
function batches(waiting: readonly Waiting[]): Waiting[][] {
  const groups = new Map<string, Waiting[]>();
  for (const each of waiting) {
    const key = JSON.stringify([each.brief, each.seed, each.temperature]);
    const group = groups.get(key);
    if (group) group.push(each);
    else groups.set(key, [each]);
  }
  return [...groups.values()].flatMap((group) => {
    const parts: Waiting[][] = [];
    for (let at = 0; at < group.length; at += MOST) {
      const part = group.slice(at, at + MOST);
      // Variant i has the seed plus i, so the next batch goes on where this one ends.
      parts.push(part.map((each) => (each.seed === undefined ? each : { ...each, seed: (each.seed + at) % 2 ** 32 })));
    }
    return parts;
  });
}

const primary = (tag: string | undefined): string | undefined => tag?.split("-", 1)[0]?.toLowerCase();
