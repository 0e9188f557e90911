/** Models in the GGUF format: everything is in one file, or in parts of one. */

import type { Engine } from "../generated/copywright";
import { damaged, join, type Entry } from "./source";
import { tokenizer } from "./tokenizer";

/** What the engine must offer for it. */
interface GgufEngine extends Engine {
  /** Begins with the files (JSON) and the first one's first bytes; false when it takes more of them to tell. */
  beginGguf?(files: string, head: Uint8Array, quantize: string): boolean;
  /** The tokenizer in the file, as a tokenizer.json. */
  tokenizerJson?(): string;
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
  engine: GgufEngine,
  quantize: string,
  files: readonly Entry[],
  bytes: (file: Entry) => AsyncIterable<Uint8Array>,
  push: (file: Entry, chunk: Uint8Array) => Promise<void>,
  done: (file: Entry) => Promise<void>,
): Promise<void> {
  if (!engine.beginGguf || !engine.tokenizerJson)
    throw new DOMException("GGUF files are not supported", "NotSupportedError");
  let begun = false;
  for (const file of files) {
    let held: Uint8Array[] = [];
    let size = 0;
    let next = HEAD;
    for await (let chunk of bytes(file)) {
      if (!begun) {
        held.push(chunk);
        size += chunk.length;
        if (size < Math.min(next, file.size)) continue;
        chunk = await join(held);
        held = [chunk];
        next = size * 2;
        begun = engine.beginGguf(JSON.stringify(files), chunk, quantize);
        if (!begun) continue;
      }
      await push(file, chunk);
    }
    if (!begun) throw damaged(file.path, "ends within its header");
    await done(file);
  }
  const json = engine.tokenizerJson();
  await engine.finishModel(json, tokenizer(json));
}
