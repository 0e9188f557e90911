/** The module that reads GGUF, a file of its own: other models never load it. */

import init, { forget, Gguf } from "../generated/gguf";
import type { Engine } from "../generated/copywright";
import { loadGguf, type Description, type Language, type Reader } from "./gguf";
import { instantiate } from "./instantiate";
import type { Entry } from "./source";

/** The module without its memory, for the next time: nothing is fetched once a model is there. */
let compiled: WebAssembly.Module | undefined;

/** Loads a model's GGUF files; see {@link loadGguf}. */
export async function load(
  engine: Engine,
  manifest: string,
  quantize: string,
  files: readonly Entry[],
  bytes: (file: Entry) => AsyncIterable<Uint8Array>,
  push: (file: Entry, chunk: Uint8Array) => Promise<void>,
  done: (file: Entry) => Promise<void>,
): Promise<Language> {
  await instantiate(init, compiled ?? new URL("./gguf_bg.wasm", import.meta.url));
  let closed = false;
  const gguf = new Gguf();
  const close = (): void => {
    if (closed) return;
    closed = true;
    gguf.free();
    compiled = forget();
  };
  const reader: Reader = {
    head: (file, head, size) => gguf.head(file, head, size),
    describe: () => gguf.describe() as Description,
    close,
  };
  return loadGguf(reader, engine, manifest, quantize, files, bytes, push, done).finally(close);
}
