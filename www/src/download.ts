/**
 * Files over the network: resumed where they broke off, from the next mirror when one fails. What cannot be had is a
 * NetworkError that names the address and the last reason; what is not the same file any more is a DataError.
 */

import type { ModelSource } from "./protocol";
import { address, damaged, reason, type Entry, type Source } from "./source";

/** How often each address is asked again without getting on. */
const RETRIES = 4;
/** Milliseconds before the first repetition; each one waits twice as long as the last. */
const PAUSE = 250;
/** Bytes that count as getting on. */
const STEP = 65536;

/** An answer with which an address is out of the question. */
class Refusal extends Error {
  constructor(
    readonly status: number,
    message = `the server answered ${status}`,
  ) {
    super(message);
  }
}

/** Another version of a file has taken the place of the one that was being fetched. */
class Changed extends DOMException {
  constructor({ href }: URL) {
    super(`${href}: has changed while it was fetched`, "DataError");
  }
}

/** The folders that have the same model, in order. */
export class Remote implements Source {
  #folders: readonly string[];
  /** The folder that some files are not in, and where these are. */
  readonly #own: string | undefined;
  readonly #files: Readonly<Record<string, string>>;
  readonly #life: AbortSignal;
  readonly #stall: number;
  /** What tells the version of a file, by address. */
  readonly #versions = new Map<string, string>();
  /** The addresses that answered since a file was last begun. */
  readonly #answers = new Map<string, string[]>();
  readonly #wrong = new Set<string>();
  readonly #blamed = new Set<string>();

  /** `life` ends all downloads; after `stall` milliseconds without a byte a connection counts as broken. */
  constructor({ folders, files }: Pick<ModelSource, "folders" | "files">, stall: number, life: AbortSignal) {
    this.#folders = folders;
    this.#own = folders[0];
    this.#files = files ?? {};
    this.#stall = stall;
    this.#life = life;
  }

  async *chunks(path: string, from = 0, size?: number): AsyncGenerator<Uint8Array> {
    const route = this.#route(path);
    const answers: string[] = [];
    this.#answers.set(path, answers);
    for (let at = from; ;) {
      const end = new AbortController();
      try {
        const { url } = route;
        const response = await this.#ask(url, end, "GET", at, size);
        answers.push(url.href);
        // A server that knows no ranges begins at the beginning.
        let skip = response.status === 206 ? 0 : at;
        let came = 0;
        const reader = response.body?.getReader();
        for (;;) {
          const { done, value } = (await this.#timely(reader?.read())) ?? { done: true };
          if (done) break;
          came += value.length;
          const fresh = value.subarray(skip);
          skip -= value.length - fresh.length;
          if (fresh.length === 0) continue;
          at += fresh.length;
          if (size !== undefined && at > size) throw damaged(path, `is longer than the ${size} bytes of the manifest`);
          yield fresh;
        }
        if (size === undefined ? skip === 0 : at === size) return this.#prefer(path, url);
        if (response.status === 200 && came === length(response)) {
          throw damaged(path, `has ${came} bytes instead of ${size ?? at}`);
        }
        throw new Error(`the answer ends after ${at} of ${size ?? "unknown"} bytes`);
      } catch (error) {
        if (error instanceof Changed) answers.push(route.url.href);
        await route.failed(error, at);
      } finally {
        end.abort();
      }
    }
  }

  async size(path: string): Promise<Pick<Entry, "size" | "etag">> {
    const route = this.#route(path);
    for (;;) {
      const end = new AbortController();
      try {
        const { url } = route;
        const head = await this.#ask(url, end, "HEAD").catch(() => undefined);
        // Some servers know no HEAD, and some compress what they send whole.
        const size = (head && length(head)) ?? total(await this.#ask(url, end, "GET", 0, undefined, "bytes=0-0"));
        if (size === undefined) throw new Refusal(0, "the server does not tell its size");
        const etag = this.#versions.get(url.href);
        return { size, ...(etag && { etag }) };
      } catch (error) {
        await route.failed(error, 0);
      } finally {
        end.abort();
      }
    }
  }

  version(path: string): string | undefined {
    return this.#versions.get(this.#answers.get(path)?.at(-1) ?? "");
  }

  blame(path: string): boolean {
    const answers = this.#answers.get(path) ?? [];
    if (answers.length === 0) return false;
    // Parts that do not belong together tell nothing of the address, the first time.
    if (answers.length === 1 || this.#blamed.has(path)) for (const each of answers) this.#wrong.add(each);
    this.#blamed.add(path);
    for (const each of answers) this.#versions.delete(each);
    return this.#addresses(path).length > 0;
  }

  #addresses(path: string): URL[] {
    return this.#folders.map((folder) => this.#address(folder, path)).filter(({ href }) => !this.#wrong.has(href));
  }

  #address(folder: string, path: string): URL {
    const elsewhere = folder === this.#own ? this.#files[path] : undefined;
    return elsewhere === undefined ? address(folder, path) : new URL(elsewhere);
  }

  /** The folder that gave a file is asked first for the next: others may not even answer. */
  #prefer(path: string, { href }: URL): void {
    const good = (folder: string): boolean => this.#address(folder, path).href === href;
    this.#folders = [...this.#folders.filter(good), ...this.#folders.filter((folder) => !good(folder))];
  }

  #route(path: string): Route {
    return new Route(this.#addresses(path), this.#life);
  }

  async #ask(url: URL, end: AbortController, method: string, at = 0, size?: number, range?: string): Promise<Response> {
    const version = this.#versions.get(url.href);
    const headers = new Headers();
    if (range ?? at > 0) headers.set("Range", range ?? `bytes=${at}-`);
    // To other origins this header would need their consent; what comes is compared anyway.
    if (at > 0 && version && !version.startsWith("W/") && url.origin === self.location.origin) {
      headers.set("If-Range", version);
    }
    const signal = AbortSignal.any([this.#life, end.signal]);
    // After wrong bytes the browser's own cache is not to be trusted either.
    const cache = this.#blamed.size > 0 ? "reload" : "default";
    const response = await this.#timely(fetch(url, { method, headers, signal, cache }));
    const { status } = response;
    if (at > 0 && (status === 416 || status === 412)) throw new Changed(url);
    if (!response.ok) {
      const maybe = status >= 500 || status === 408 || status === 425 || status === 429;
      throw maybe ? new Error(`the server answered ${status}`) : new Refusal(status);
    }
    const now = response.headers.get("etag") ?? response.headers.get("last-modified");
    const [, start, all] = partial(response) ?? [];
    if (
      at > 0 &&
      ((now && version && bare(now) !== bare(version)) ||
        (Number(all) >= 0 && size !== undefined && Number(all) !== size))
    ) {
      throw new Changed(url);
    }
    if (at > 0 && start !== undefined && Number(start) !== at) throw new Error("the server answered another range");
    if (now) this.#versions.set(url.href, now);
    return response;
  }

  /** Waits for something as long as a connection may be silent. */
  #timely<T>(promise: T | PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const late = (): void => reject(new Error(`nothing came for ${this.#stall} ms`));
      const timer = setTimeout(late, this.#stall);
      Promise.resolve(promise)
        .then(resolve, reject)
        .finally(() => clearTimeout(timer));
    });
  }
}

/** The way to a file: which address to ask, and when to give up. */
class Route {
  readonly #open: URL[];
  readonly #life: AbortSignal;
  #turn = 0;
  #failures = 0;
  /** How far it was at the last failure. */
  #mark = 0;

  constructor(open: URL[], life: AbortSignal) {
    this.#open = open;
    this.#life = life;
  }

  /** The address whose turn it is. */
  get url(): URL {
    return this.#open[this.#turn % this.#open.length] as URL;
  }

  /** An address has failed when `at` bytes were here. Resolves when the next may be asked. */
  async failed(error: unknown, at: number): Promise<void> {
    this.#life.throwIfAborted();
    if (error instanceof DOMException && error.name === "DataError") throw error;
    const { url } = this;
    const count = this.#open.length;
    if (error instanceof Refusal) {
      this.#open.splice(this.#turn % count, 1);
      if (count > 1) return;
    } else {
      this.#failures = at - this.#mark >= STEP ? 1 : this.#failures + 1;
      this.#mark = at;
      this.#turn += 1;
      if (this.#failures <= RETRIES * count) {
        const round = Math.ceil(this.#failures / count) - 1;
        if (this.#turn % count === 0) await pause(PAUSE * 2 ** round, this.#life);
        return;
      }
    }
    const { status } = error as Partial<Refusal>;
    throw Object.assign(new DOMException(`${url.href}: ${reason(error)}`, "NetworkError"), { status });
  }
}

/** Bytes of the whole file, as an answer tells them that is not compressed. */
function length({ headers }: Response): number | undefined {
  const told = headers.get("content-length");
  return told === null || headers.has("content-encoding") ? undefined : Number(told);
}

/** The same for an answer that may be a part. */
function total(response: Response): number | undefined {
  if (response.status !== 206) return length(response);
  const all = Number(partial(response)?.[2]);
  return all >= 0 ? all : undefined;
}

/** First byte and size of the whole in a part's header, where it can be seen. */
function partial({ status, headers }: Response): RegExpExecArray | undefined {
  const told = status === 206 && headers.get("content-range");
  return (told && /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(told)) || undefined;
}

/** Servers mark the version of what they compress; the file is the same. */
const bare = (version: string): string => version.replace(/^W\/|-(gzip|br)(?="$)/g, "");

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((done, failed) => {
    const abort = (): void => {
      clearTimeout(timer);
      failed(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      done();
    }, milliseconds);
    signal.addEventListener("abort", abort, { once: true });
  });
}
