/** Models in the GGUF format: everything is in one file, or in parts of one. */

import type { Engine } from "../generated/copywright";
import { damaged, join, type Entry } from "./source";

/** What the files say of texts and conversations. */
export interface Language {
  /** A `tokenizer.json`. */
  readonly tokenizer: string;
  readonly template?: string;
  readonly bos_token?: string;
  readonly eos_token?: string;
}

/** What the files say of everything. */
export interface Description extends Language {
  /** A `config.json`. */
  readonly config: string;
  /** Where each file's tensors are, for the engine. */
  readonly lists: string;
}

/** Reads the files' headers. */
export interface Reader {
  /** Takes the first bytes of the next file. False: it takes more of them. */
  head(file: string, head: Uint8Array, size: number): boolean;
  describe(): Description;
  /** Gives its memory back. */
  close(): void;
}

/** Bytes of the first attempt to begin; each takes twice as many as the last. */
const HEAD = 1 << 18;

/** Loads the files. `bytes` gives a file's chunks, `push` takes them to the engine, `done` is told of each whole file. */
export async function loadGguf(
  reader: Reader,
  engine: Pick<Engine, "beginDescribed">,
  manifest: string,
  quantize: string,
  files: readonly Entry[],
  bytes: (file: Entry) => AsyncIterable<Uint8Array>,
  push: (file: Entry, chunk: Uint8Array) => Promise<void>,
  done: (file: Entry) => Promise<void>,
): Promise<Language> {
  const [first, ...others] = files;
  if (!first) throw damaged("", "no file");
  const start = bytes(first)[Symbol.asyncIterator]();
  let language: Language;
  try {
    const head = await headOf(reader, first, start);
    // Which tensors there are must be known of all of them. Their heads are short, and come again with the rest.
    for (const file of others) {
      const chunks = bytes(file)[Symbol.asyncIterator]();
      await headOf(reader, file, chunks).finally(() => chunks.return?.());
    }
    const { config, lists, ...rest } = reader.describe();
    engine.beginDescribed(manifest, config, lists, quantize);
    language = rest;
    reader.close();
    await push(first, head);
    for (let next = await start.next(); !next.done; next = await start.next()) await push(first, next.value);
  } finally {
    await start.return?.();
  }
  await done(first);
  for (const file of others) {
    for await (const chunk of bytes(file)) await push(file, chunk);
    await done(file);
  }
  return language;
}

/** Reads chunks until the reader has the file's header; gives what was read. */
async function headOf(reader: Reader, file: Entry, chunks: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  let held: Uint8Array[] = [];
  let size = 0;
  let wanted = HEAD;
  for (;;) {
    const { done, value } = await chunks.next();
    if (done) throw damaged(file.path, "ends within its header");
    held.push(value);
    size += value.length;
    if (size < Math.min(wanted, file.size)) continue;
    const head = await join(held);
    if (reader.head(file.path, head, file.size)) return head;
    held = [head];
    wanted = size * 2;
  }
}
