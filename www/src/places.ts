/** Where a browser can keep files: the origin's private file system, or its caches. Both hold folders of named files. */

/** A file that is kept. */
export interface Kept {
  readonly size: number;
  stream(): ReadableStream<Uint8Array> | null;
}

/** A file that is being written. */
export interface Sink {
  write(chunk: Uint8Array): void | Promise<void>;
  /** The end. What is not `whole` is kept only where it can be continued. */
  close(whole: boolean): void | Promise<void>;
}

/** A folder. */
export interface Place {
  get(name: string): Promise<Kept | undefined>;
  put(name: string, text: string): Promise<void>;
  /** Begins to write a file of `size` bytes at byte `at`; undefined where that cannot be. */
  begin(name: string, at: number, size: number): Promise<Sink | undefined>;
  drop(name: string): Promise<unknown>;
}

/** A way of keeping folders. */
export interface Kind {
  /** undefined when there is none of this name. */
  find(name: string): Promise<Place | undefined>;
  make(name: string): Promise<Place>;
  names(): Promise<string[]>;
  remove(name: string): Promise<unknown>;
}

/** Everything is below this name. Another layout gets another number. */
const ROOT = "copywright-1";

/** What workers can do with a file (the DOM's types know only windows). */
interface SyncHandle {
  truncate(size: number): void;
  write(bytes: Uint8Array, options: { at: number }): number;
  flush(): void;
  close(): void;
}

class Folder implements Place {
  readonly #folder: FileSystemDirectoryHandle;

  constructor(folder: FileSystemDirectoryHandle) {
    this.#folder = folder;
  }

  get(name: string): Promise<Kept | undefined> {
    return there(this.#folder.getFileHandle(name).then((handle) => handle.getFile()));
  }

  async put(name: string, text: string): Promise<void> {
    // Unlike the handle below, this changes the whole file at once or not at all.
    const file = await (await this.#folder.getFileHandle(name, { create: true })).createWritable();
    await file.write(text);
    await file.close();
  }

  async begin(name: string, at: number): Promise<Sink> {
    const file = await this.#folder.getFileHandle(name, { create: true });
    const handle = await (
      file as FileSystemFileHandle & { createSyncAccessHandle(): Promise<SyncHandle> }
    ).createSyncAccessHandle();
    handle.truncate(at);
    return {
      write(chunk) {
        const written = handle.write(chunk, { at });
        at += written;
        if (written < chunk.length) throw new DOMException("the disk is full", "QuotaExceededError");
      },
      close() {
        handle.flush();
        handle.close();
      },
    };
  }

  drop(name: string): Promise<void> {
    return this.#folder.removeEntry(name);
  }
}

/** Its files can be continued. */
export const OPFS: Kind = {
  find: (name) =>
    there(
      root()
        .then((all) => all.getDirectoryHandle(name))
        .then((folder) => new Folder(folder)),
    ),
  async make(name) {
    return new Folder(await (await root(true)).getDirectoryHandle(name, { create: true }));
  },
  async names() {
    const names: string[] = [];
    for await (const name of (await there(root()))?.keys() ?? []) names.push(name);
    return names;
  },
  async remove(name) {
    const all = await there(root());
    if (all) await there(all.removeEntry(name, { recursive: true }));
    // Only when it is empty.
    await navigator.storage
      .getDirectory()
      .then((top) => top.removeEntry(ROOT))
      .catch(() => undefined);
  },
};

async function root(create = false): Promise<FileSystemDirectoryHandle> {
  return (await navigator.storage.getDirectory()).getDirectoryHandle(ROOT, { create });
}

class Drawer implements Place {
  readonly #cache: Cache;

  constructor(cache: Cache) {
    this.#cache = cache;
  }

  async get(name: string): Promise<Kept | undefined> {
    const response = await this.#cache.match(`/${name}`);
    return response && { size: Number(response.headers.get("content-length")), stream: () => response.body };
  }

  put(name: string, text: string): Promise<void> {
    return this.#cache.put(`/${name}`, new Response(text));
  }

  async begin(name: string, at: number, size: number): Promise<Sink | undefined> {
    if (at > 0) return undefined;
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const put = this.#cache.put(`/${name}`, new Response(readable, { headers: { "content-length": String(size) } }));
    // Heard below. A cache shows a file once all of it is there, so that nothing unfinished is ever seen.
    put.catch(() => undefined);
    return {
      write: (chunk) => Promise.race([writer.write(chunk), put]),
      async close(whole) {
        if (!whole) return void writer.abort().catch(() => undefined);
        await Promise.race([writer.close(), put]);
        await put;
      },
    };
  }

  drop(name: string): Promise<boolean> {
    return this.#cache.delete(`/${name}`);
  }
}

/** Its files are there whole or not at all. */
export const CACHE: Kind = {
  find: async (name) => ((await caches.has(`${ROOT}/${name}`)) ? CACHE.make(name) : undefined),
  make: async (name) => new Drawer(await caches.open(`${ROOT}/${name}`)),
  names: async () =>
    (await caches.keys()).flatMap((name) => (name.startsWith(`${ROOT}/`) ? name.slice(ROOT.length + 1) : [])),
  remove: (name) => caches.delete(`${ROOT}/${name}`),
};

/** undefined for what is not there. */
async function there<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof DOMException && error.name === "NotFoundError") return undefined;
    throw error;
  }
}
