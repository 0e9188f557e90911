/** Models in the GGUF format: everything is in one file, or in parts of one. */

import type { Engine } from "../generated/copywright";
import type { Chat } from "./chat";
import { damaged, join, type Entry } from "./source";
import { chatOf } from "./template";
import { tokenizer } from "./tokenizer";

/** What a file says of texts and conversations. */
interface Language {
  /** A `tokenizer.json`. */
  readonly tokenizer: string;
  readonly template?: string;
  readonly bos_token?: string;
  readonly eos_token?: string;
}

/** Bytes of the first attempt to begin; each takes twice as many as the last. */
const HEAD = 1 << 18;

/** Names of all parts, the first of which is given: `x-00001-of-00003.gguf` has three. */
export function parts(name: string): string[] {
  const [, stem, count, end] = /^(.*-)0*1-of-(\d{5})(\.gguf)$/i.exec(name) ?? [];
  if (stem === undefined || count === undefined || end === undefined) return [name];
  return Array.from({ length: Number(count) }, (_, i) => `${stem}${String(i + 1).padStart(5, "0")}-of-${count}${end}`);
}

/** Loads the files. `bytes` gives a file's chunks, `push` takes them to the engine, `done` is told of each whole file. */
export async function loadGguf(
  engine: Engine,
  manifest: string,
  quantize: string,
  files: readonly Entry[],
  bytes: (file: Entry) => AsyncIterable<Uint8Array>,
  push: (file: Entry, chunk: Uint8Array) => Promise<void>,
  done: (file: Entry) => Promise<void>,
): Promise<Chat | undefined> {
  const [first, ...others] = files;
  if (!first) throw damaged("", "no file");
  const start = bytes(first)[Symbol.asyncIterator]();
  let language: Language;
  try {
    const head = await headOf(engine, first, start);
    // Which tensors there are must be known of all of them. Their heads are short, and come again with the rest.
    for (const file of others) {
      const chunks = bytes(file)[Symbol.asyncIterator]();
      await headOf(engine, file, chunks).finally(() => chunks.return?.());
    }
    language = engine.beginGguf(manifest, quantize) as Language;
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
  const encoding = tokenizer(language.tokenizer);
  await engine.finishModel(encoding.vocabulary, encoding);
  const { template = undefined, ...config } = language;
  return chatOf(template === undefined ? undefined : { template, config, ends: [] }, encoding);
}

/** Reads chunks until the engine has the file's header; gives what was read. */
async function headOf(engine: Engine, file: Entry, chunks: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
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
    if (engine.headGguf(file.path, head, file.size)) return head;
    held = [head];
    wanted = size * 2;
  }
}
