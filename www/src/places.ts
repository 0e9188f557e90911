/** Where a browser can keep files: the origin's private file system, or its caches. Both hold folders of named files. */

/** A way of keeping. */
export type Kind = "opfs" | "cache";

/** A folder. Only the file system's can continue an unfinished file. */
export type Place = FileSystemDirectoryHandle | Cache;

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

/** What workers can do with a file (the DOM's types know only windows). */
interface SyncHandle {
  truncate(size: number): void;
  write(bytes: Uint8Array, options: { at: number }): number;
  flush(): void;
  close(): void;
}

/** Everything is below this name. Another layout gets another number. */
const ROOT = "copywright-1";

const inCaches = (name: string): string => `${ROOT}/${name}`;
const isCache = (place: Place): place is Cache => "match" in place;

/** A folder; undefined when there is none of this name. */
export async function find(kind: Kind, name: string): Promise<Place | undefined> {
  if (kind === "cache") return (await caches.has(inCaches(name))) ? make(kind, name) : undefined;
  return (await there(root()))?.getDirectoryHandle(name).catch(() => undefined);
}

/** A folder, made if there is none. */
export async function make(kind: Kind, name: string): Promise<Place> {
  if (kind === "cache") return caches.open(inCaches(name));
  return (await root(true)).getDirectoryHandle(name, { create: true });
}

/** Names of all folders. */
export async function names(kind: Kind): Promise<string[]> {
  const all: string[] = [];
  if (kind === "opfs") {
    for await (const name of (await there(root()))?.keys() ?? []) all.push(name);
  } else {
    const start = inCaches("");
    for (const name of await caches.keys()) if (name.startsWith(start)) all.push(name.slice(start.length));
  }
  return all;
}

/** Removes a folder. */
export async function remove(kind: Kind, name: string): Promise<void> {
  if (kind === "cache") return void (await caches.delete(inCaches(name)));
  await (await there(root()))?.removeEntry(name, { recursive: true });
  // Only when it is empty.
  const top = await navigator.storage.getDirectory();
  await top.removeEntry(ROOT).catch(() => undefined);
}

/** A file in a folder. */
export async function get(place: Place, name: string): Promise<Kept | undefined> {
  if (!isCache(place)) return there(place.getFileHandle(name).then((handle) => handle.getFile()));
  const response = await place.match(`/${name}`);
  return response && { size: Number(response.headers.get("content-length")), stream: () => response.body };
}

/** Writes a small file, all of it or none. */
export async function put(place: Place, name: string, text: string): Promise<void> {
  if (isCache(place)) return place.put(`/${name}`, new Response(text));
  const file = await (await place.getFileHandle(name, { create: true })).createWritable();
  await file.write(text);
  await file.close();
}

/** Begins to write a file of `size` bytes at byte `at`; undefined where it can only be written whole. */
export async function begin(place: Place, name: string, at: number, size: number): Promise<Sink | undefined> {
  if (!isCache(place)) {
    const file = (await place.getFileHandle(name, { create: true })) as FileSystemFileHandle & {
      createSyncAccessHandle(): Promise<SyncHandle>;
    };
    const handle = await file.createSyncAccessHandle();
    handle.truncate(at);
    return {
      write(chunk) {
        const written = handle.write(chunk, { at });
        at += written;
        if (written < chunk.length) throw new DOMException("", "QuotaExceededError");
      },
      close() {
        try {
          handle.flush();
        } finally {
          handle.close();
        }
      },
    };
  }
  if (at > 0) return undefined;
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const stored = place.put(`/${name}`, new Response(readable, { headers: { "content-length": String(size) } }));
  // Heard below.
  stored.catch(() => undefined);
  return {
    write: (chunk) => Promise.race([writer.write(chunk), stored]),
    async close(whole) {
      // A stream that breaks off would be an error on the console; a part that is there for a moment is never read.
      await Promise.race([writer.close(), stored]);
      await stored;
      if (!whole) await drop(place, name);
    },
  };
}

/** Removes a file. */
export async function drop(place: Place, name: string): Promise<void> {
  await (isCache(place) ? place.delete(`/${name}`) : place.removeEntry(name));
}

/** Whether an unfinished file can be continued. */
export const resumes = (place: Place): boolean => !isCache(place);

async function root(create = false): Promise<FileSystemDirectoryHandle> {
  return (await navigator.storage.getDirectory()).getDirectoryHandle(ROOT, { create });
}

/** undefined for what is not there. */
function there<T>(promise: Promise<T>): Promise<T | undefined> {
  return promise.catch(() => undefined);
}
