/** What every place that a model's files come from can do. */

/** A file of a model. */
export interface Entry {
  /** Below the model's folder, with `/`. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256?: string;
  /** What the server said that tells this version of the file from others, where there is no hash. */
  readonly etag?: string;
}

/** The network, or the visitor's disk. */
export interface Source {
  /** A file's bytes from `from` on, in order. The next ones come when these are dealt with. */
  chunks(path: string, from?: number, size?: number): AsyncIterable<Uint8Array>;
  /** How large a file is. */
  size(path: string): Promise<Pick<Entry, "size" | "etag">>;
  /** What tells the version of the file that is being read, where it is told. */
  version(path: string): string | undefined;
  /** What came of this file was wrong. Whether asking again may bring something else. */
  blame(path: string): boolean;
}

/** Address of a file in a folder. What the folder's address asks for, its files' addresses ask for too. */
export function address(folder: string, path: string): URL {
  const url = new URL(folder);
  url.pathname += path;
  return url;
}

/** Whether a file's name is that of a GGUF. */
export const isGguf = (name: string): boolean => /\.gguf$/i.test(name);

/** Names of all parts, the first of which is given: `x-00001-of-00003.gguf` has three. */
export function parts(name: string): string[] {
  const [, stem, count, end] = /^(.*-)0*1-of-(\d{5})(\.gguf)$/i.exec(name) ?? [];
  if (stem === undefined || count === undefined || end === undefined) return [name];
  return Array.from({ length: Number(count) }, (_, i) => `${stem}${String(i + 1).padStart(5, "0")}-of-${count}${end}`);
}

/** Why something failed, in words. */
export const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A file that is not what it must be. */
export const damaged = (path: string, problem: string): DOMException =>
  new DOMException(`${path}: ${problem}`, "DataError");

/** The pieces of a stream. */
export async function* pieces(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // Who leaves early wants no more; after the end this does nothing.
    reader.cancel().catch(() => undefined);
  }
}

/** A small file, whole; undefined when there is none. */
export async function small(source: Source, path: string): Promise<Uint8Array | undefined> {
  try {
    return await join(source.chunks(path));
  } catch (error) {
    if ((error as { status?: number }).status === 404) return undefined;
    throw error;
  }
}

/** Chunks in one piece. */
export async function join(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of chunks) parts.push(chunk as Uint8Array<ArrayBuffer>);
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}
