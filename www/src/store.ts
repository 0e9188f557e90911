/**
 * What is kept of models on the visitor's device, once a page has asked for that. A file counts as whole only after the
 * engine has found it to be what the manifest says. Nothing that goes wrong here is an error: the model then comes from
 * the network, as without a store.
 */

import { CACHE, OPFS, type Kept, type Kind, type Place, type Sink } from "./places";
import type { Storage } from "./protocol";
import type { Entry } from "./source";
import type { StoredModel } from "./types";

const INDEX = "index.json";

/** What a folder says of itself. Files are named by their number in the manifest. */
interface Index {
  readonly model: string;
  readonly manifest: string;
  /** Numbers of the files that are whole. */
  readonly whole: readonly number[];
}

const KINDS: Readonly<Record<Storage, readonly Kind[]>> = {
  none: [],
  opfs: [OPFS],
  cache: [CACHE],
  auto: [OPFS, CACHE],
};

/** The lock that a tab holds while it fetches a model. */
export const lockName = (model: string): string => `copywright ${model}`;

/** One model's files. */
export class Store {
  readonly #kinds: readonly Kind[];
  readonly #model: string;
  #name = "";
  #place: Place | undefined;
  #index: Index | undefined;
  #files: readonly Entry[] = [];
  #whole = new Set<number>();
  /** Bytes here of all files, also unfinished ones. */
  bytes = 0;
  /** Nothing more is kept. */
  #full = false;
  #sink: Sink | undefined;
  /** Numbers of files whose bytes here are those that the engine was given. */
  readonly #live = new Set<number>();

  constructor(storage: Storage, model: string) {
    this.#kinds = KINDS[storage];
    this.#model = model;
  }

  /** Looks at what is there, without making anything. */
  async open(): Promise<this> {
    this.#name ||= await digest(this.#model);
    for (const kind of this.#kinds) {
      this.#place = await kind.find(this.#name).catch(() => undefined);
      if (this.#place && (await this.#look(this.#place))) break;
    }
    return this;
  }

  /** The model's address. */
  get model(): string | undefined {
    return this.#index?.model;
  }

  /** The manifest that the files belong to. */
  get manifest(): string | undefined {
    return this.#index?.manifest;
  }

  /** Whether all of a model is here; of the one with this manifest, if one is given. */
  complete(manifest = this.manifest): boolean {
    return (
      this.manifest !== undefined &&
      this.manifest === manifest &&
      this.#files.length > 0 &&
      this.#files.every((_, i) => this.#whole.has(i))
    );
  }

  /** From here on files of this manifest are kept. What belongs to another one goes. */
  async begin(manifest: string, files: readonly Entry[]): Promise<void> {
    const other = this.#index?.manifest !== manifest;
    if (other) {
      await this.remove();
      for (const kind of this.#kinds) {
        this.#place = await kind.make(this.#name).catch(() => undefined);
        if (this.#place) break;
      }
      this.#index = { model: this.#model, manifest, whole: [] };
      this.#files = files;
    }
    await this.#try(async () => {
      const total = files.reduce((sum, { size }) => sum + size, 0);
      const { quota = Infinity, usage = 0 } = await navigator.storage.estimate();
      if (total - this.bytes > quota - usage) throw new DOMException("no room", "QuotaExceededError");
      if (other) await this.#note();
    });
  }

  /** What is here of a file. Without a hash or a version to hold it against, an unfinished one is of no use. */
  async read(file: number): Promise<ReadableStream<Uint8Array> | undefined> {
    const entry = this.#files[file];
    if (!entry || !(this.#whole.has(file) || entry.sha256 || entry.etag)) return undefined;
    const stream = (await this.#try((place) => place.get(String(file))))?.stream() ?? undefined;
    if (stream) this.#live.add(file);
    return stream;
  }

  /** Keeps bytes of a file that were not here. */
  async write(file: number, at: number, chunk: Uint8Array): Promise<void> {
    if (this.#full) return;
    await this.#try(async (place) => {
      this.#sink ??= await place.begin(String(file), at, this.#files[file]?.size ?? 0);
      this.#live.add(file);
      await this.#sink?.write(chunk);
    });
  }

  /** The file was what it must be. */
  async done(file: number): Promise<void> {
    if (!this.#live.has(file) || (this.#whole.has(file) && !this.#sink)) return;
    await this.#try(async (place) => {
      const sink = this.#sink;
      this.#sink = undefined;
      await sink?.close(true);
      if ((await place.get(String(file)))?.size !== this.#files[file]?.size) return;
      this.#whole.add(file);
      await this.#note();
    });
  }

  /** The file was not. */
  async drop(file: number): Promise<void> {
    await this.end();
    this.#whole.delete(file);
    await this.#try(async (place) => {
      await this.#note();
      await place.drop(String(file));
    });
  }

  /** No more is written. */
  async end(): Promise<void> {
    const sink = this.#sink;
    this.#sink = undefined;
    await this.#try(async () => sink?.close(false));
  }

  /** Forgets the model. */
  async remove(): Promise<void> {
    for (const kind of this.#kinds) await kind.remove(this.#name).catch(() => undefined);
    this.#index = this.#place = undefined;
    this.#whole.clear();
    this.bytes = 0;
  }

  /** All models that are kept. */
  static async list(): Promise<StoredModel[]> {
    const found: StoredModel[] = [];
    for (const storage of ["opfs", "cache"] as const) {
      for (const kind of KINDS[storage]) {
        for (const name of await kind.names().catch(() => [])) {
          const store = new Store(storage, "");
          store.#name = name;
          const { model, bytes } = await store.open();
          if (model !== undefined) found.push({ model, bytes, complete: store.complete() });
        }
      }
    }
    return found;
  }

  /** Reads the index. */
  async #look(place: Place): Promise<boolean> {
    this.#index = undefined;
    this.#whole.clear();
    this.bytes = 0;
    try {
      const index = JSON.parse((await text(await place.get(INDEX))) ?? "") as Index;
      this.#files = (JSON.parse(index.manifest) as { files: Entry[] }).files;
      for (const [i, { size }] of this.#files.entries()) {
        const kept = await place.get(String(i));
        this.bytes += kept?.size ?? 0;
        if (kept?.size === size && index.whole.includes(i)) this.#whole.add(i);
      }
      this.#index = index;
      return true;
    } catch {
      return false;
    }
  }

  async #note(): Promise<void> {
    const index = { ...this.#index, whole: [...this.#whole] };
    await this.#place?.put(INDEX, JSON.stringify(index));
  }

  /** Works on the folder, if there is one; when that fails, no more is written. */
  async #try<T>(work: (place: Place) => Promise<T>): Promise<T | undefined> {
    const place = this.#place;
    if (!place) return undefined;
    try {
      return await work(place);
    } catch (error) {
      this.#full = true;
      this.#live.clear();
      const sink = this.#sink;
      this.#sink = undefined;
      try {
        await sink?.close(false);
      } catch {
        // It has failed before.
      }
      // A site whose space is used up needs it for other things.
      if ((error as Error).name === "QuotaExceededError") await this.remove();
      return undefined;
    }
  }
}

const text = (kept: Kept | undefined): Promise<string> | undefined => kept && new Response(kept.stream()).text();

async function digest(words: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(words));
  return [...new Uint8Array(hash).slice(0, 16)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
