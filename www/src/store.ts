/**
 * Keeps models on the visitor's device, once a page has asked for that. A file counts as whole only after the engine has
 * found it to be what the manifest says. Nothing that goes wrong here is an error: the model then comes from the network,
 * as without a store.
 */

import { begin, drop, get, make, put, resumes, type Place, type Sink } from "./places";
import { INDEX, Shelf } from "./shelf";
import type { Entry } from "./source";

/** One model's files, to write to. */
export class Store extends Shelf {
  /** Nothing more is written. */
  #full = false;
  /** Files that are being written. */
  readonly #sinks = new Map<number, Sink | undefined>();
  /** Numbers of files whose bytes here are those that the engine was given. */
  readonly #live = new Set<number>();

  /** From here on files of this manifest are kept. What belongs to another one goes. */
  async begin(manifest: string, files: readonly Entry[]): Promise<void> {
    const other = this.index?.manifest !== manifest;
    if (other) {
      await this.remove();
      for (const kind of this.kinds) this.place ??= await make(kind, this.name).catch(() => undefined);
      this.index = { model: this.model, manifest, whole: [] };
      this.files = files;
    }
    await this.#try(async (place) => {
      const missing = files.reduce((sum, { size }) => sum + size, -this.bytes);
      const { quota = Infinity, usage = 0 } = await navigator.storage.estimate();
      if (missing > Math.max(0, quota - usage)) throw new DOMException("", "QuotaExceededError");
      if (other) await this.#note(place);
    });
  }

  /** What is here of a file. Without a hash or a version to hold it against, an unfinished one is of no use. */
  read(file: number): Promise<ReadableStream<Uint8Array> | null | undefined> {
    return this.#try(async (place) => {
      const { sha256, etag } = this.files[file] ?? {};
      if (!this.whole.has(file) && !(resumes(place) && (sha256 ?? etag))) return undefined;
      const stream = (await get(place, String(file)))?.stream();
      if (stream) this.#live.add(file);
      return stream;
    });
  }

  /** Keeps bytes of a file that were not here. */
  async write(file: number, at: number, chunk: Uint8Array): Promise<void> {
    if (this.#full) return;
    await this.#try(async (place) => {
      if (!this.#sinks.has(file)) {
        this.#sinks.set(file, await begin(place, String(file), at, this.files[file]?.size ?? 0));
        this.#live.add(file);
      }
      await this.#sinks.get(file)?.write(chunk);
    });
  }

  /** The file was what it must be. */
  async done(file: number): Promise<void> {
    const sink = this.#sinks.get(file);
    this.#sinks.delete(file);
    if (!this.#live.has(file) || (this.whole.has(file) && !sink)) return;
    await this.#try(async (place) => {
      await sink?.close(true);
      if ((await get(place, String(file)))?.size !== this.files[file]?.size) return;
      this.whole.add(file);
      await this.#note(place);
    });
  }

  /** The file was not. */
  async drop(file: number): Promise<void> {
    await this.end(file);
    this.whole.delete(file);
    await this.#try(async (place) => {
      await this.#note(place);
      await drop(place, String(file));
    });
  }

  /** No more is written now, of one file or of all. */
  async end(only?: number): Promise<void> {
    for (const [file, sink] of [...this.#sinks]) {
      if (file !== (only ?? file)) continue;
      this.#sinks.delete(file);
      try {
        await sink?.close(false);
      } catch {
        // What is not there will be fetched.
      }
    }
  }

  #note(place: Place): Promise<void> {
    return put(place, INDEX, JSON.stringify({ ...this.index, whole: [...this.whole] }));
  }

  /** Works on the folder, if there is one; when that fails, no more is written. */
  async #try<T>(work: (place: Place) => Promise<T>): Promise<T | undefined> {
    if (!this.place) return undefined;
    try {
      return await work(this.place);
    } catch (error) {
      this.#full = true;
      this.#live.clear();
      await this.end();
      // A site whose space is used up needs it for other things.
      if ((error as Error).name === "QuotaExceededError") await this.remove();
      return undefined;
    }
  }
}
