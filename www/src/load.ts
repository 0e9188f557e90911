/** From a model's files to the GPU. Weights pass through in chunks: the model never lies whole in memory. */

import type { Engine } from "../generated/copywright";
import type { Chat } from "./chat";
import { decode, describe, type Description } from "./describe";
import { Remote } from "./download";
import { Local } from "./local";
import type { EngineOptions, ModelInfo } from "./protocol";
import { lockName } from "./shelf";
import { damaged, isGguf, join, pieces, reason, type Entry, type Source } from "./source";
import { Store } from "./store";
import { CHAT_FILES, chatOf, chatSource, late, type ChatSource } from "./template";
import { tokenizer } from "./tokenizer";

/** The part of a manifest that is needed before the engine has checked it. */
interface Manifest extends Omit<ModelInfo, "chat"> {
  readonly files: readonly Entry[];
}

/** A model that is in the engine, with what makes prompts of conversations if it has a template for them. */
export interface Loaded {
  readonly model: ModelInfo;
  readonly chat: Chat | undefined;
}

/** Loads a model into the engine. `progress` is told how much is here, 0 to 1; `life` ends the downloads. */
export async function load(
  engine: Engine,
  options: EngineOptions,
  life: AbortSignal,
  progress: (loaded: number) => void,
): Promise<Loaded> {
  const { model, storage, stallTimeout } = options;
  const source = model.local ? new Local(model.local) : new Remote(model, stallTimeout, life);
  const healed = new Set<string>();
  for (;;) {
    const store = model.local || storage === "none" ? undefined : await new Store(storage, model.key).open();
    const pass = new Pass(engine, options, source, store, progress);
    try {
      if (!store || store.complete(model.manifest)) return await pass.run();
      return await alone(model.key, life, async () => {
        await store.open();
        return pass.run();
      });
    } catch (error) {
      life.throwIfAborted();
      if (!(await pass.again(error, healed))) throw error;
    }
  }
}

/** One tab fetches. Those who come meanwhile find the files when it is done. */
async function alone<T>(model: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  let begun = false;
  try {
    return await navigator.locks.request(lockName(model), { signal }, () => {
      begun = true;
      return work();
    });
  } catch (error) {
    // Some frames get no locks, and no store either.
    if (begun || signal.aborted) throw error;
    return work();
  }
}

/** One attempt. */
class Pass {
  readonly #engine: Engine;
  readonly #options: EngineOptions;
  readonly #source: Source;
  readonly #store: Store | undefined;
  readonly #progress: (loaded: number) => void;
  #had: Description["files"] = new Map();
  #files: readonly Entry[] = [];
  /** The file that is being dealt with. */
  #at: Entry | undefined;
  /** Files of which anything came from the store. */
  readonly #kept = new Set<Entry>();
  #total = 0;
  #here = 0;

  constructor(
    engine: Engine,
    options: EngineOptions,
    source: Source,
    store: Store | undefined,
    progress: (loaded: number) => void,
  ) {
    this.#engine = engine;
    this.#options = options;
    this.#source = source;
    this.#store = store;
    this.#progress = progress;
  }

  async run(): Promise<Loaded> {
    try {
      const text = await this.#manifest();
      const { name, version, languages, files } = parse(text);
      this.#files = files;
      this.#total = files.reduce((sum, { size }) => sum + size, 0);
      await this.#store?.begin(text, files);
      const gguf = files.some(({ path }) => isGguf(path));
      const chat = await (gguf ? this.#gguf(text) : this.#folder(text));
      return { model: { name, version, languages, chat: chat !== undefined }, chat };
    } finally {
      await this.#store?.end();
    }
  }

  /** Whether another attempt may end otherwise than with this error. What was stored wrongly is gone then. */
  async again(error: unknown, healed: Set<string>): Promise<boolean> {
    const { name } = error as Error;
    const file = this.#at;
    // A configuration is understood before its hash is known.
    const wrong = name === "DataError" || (name === "NotSupportedError" && file?.path === "config.json");
    if (!file || !wrong) return false;
    await this.#store?.drop(this.#files.indexOf(file));
    if (!this.#kept.has(file)) return this.#source.blame(file.path);
    if (healed.has(file.path)) return false;
    healed.add(file.path);
    return true;
  }

  async #manifest(): Promise<string> {
    const { manifest } = this.#options.model;
    if (manifest !== undefined) return manifest;
    const store = this.#store;
    if (store?.index && store.complete()) return store.index.manifest;
    const { text, files } = await describe(this.#source, this.#options.model);
    this.#had = files;
    return text;
  }

  async #folder(manifest: string): Promise<Chat | undefined> {
    const engine = this.#engine;
    const listed = (path: string): Entry => {
      const file = this.#files.find((each) => each.path === path);
      if (!file) throw damaged("manifest.json", `${path} is not listed`);
      return file;
    };
    const first = listed("config.json");
    const last = listed("tokenizer.json");
    const config = await join(this.#bytes(first));
    engine.beginModel(manifest, decode(config), this.#options.quantize);
    // From here on the manifest is what the engine has found to be sound.
    await this.#push(first, config);
    await this.#store?.done(this.#files.indexOf(first));
    let json = "";
    const forChat = new Map<string, string>();
    for (const file of this.#files) {
      if (file === first) continue;
      if (file === last) {
        const vocabulary = await join(this.#bytes(file));
        json = decode(vocabulary);
        await this.#push(file, vocabulary);
      } else if (CHAT_FILES.includes(file.path)) {
        const whole = await join(this.#bytes(file));
        forChat.set(file.path, decode(whole));
        await this.#push(file, whole);
      } else {
        for await (const chunk of this.#bytes(file)) await this.#push(file, chunk);
      }
      await this.#store?.done(this.#files.indexOf(file));
    }
    this.#at = last;
    return this.#finish(json, chatSource(forChat));
  }

  async #gguf(manifest: string): Promise<Chat | undefined> {
    const { load } = await late("gguf.js", import("./gguf-module"));
    const language = await load(
      this.#engine,
      manifest,
      this.#options.quantize,
      this.#files,
      (file) => this.#bytes(file),
      (file, chunk) => this.#push(file, chunk),
      async (file) => this.#store?.done(this.#files.indexOf(file)),
    );
    const { tokenizer, template, ...config } = language;
    return this.#finish(tokenizer, template === undefined ? undefined : { template, config, ends: [] });
  }

  async #finish(json: string, source: ChatSource | undefined): Promise<Chat | undefined> {
    const encoding = tokenizer(json);
    await this.#engine.finishModel(encoding.vocabulary, encoding);
    return chatOf(source, encoding);
  }

  /** A file, from the store as far as that has it. */
  async *#bytes(file: Entry): AsyncGenerator<Uint8Array> {
    const { path, size } = file;
    const number = this.#files.indexOf(file);
    this.#at = file;
    let at = 0;
    const kept = await this.#store?.read(number);
    if (kept) {
      try {
        for await (const chunk of pieces(kept)) {
          this.#kept.add(file);
          at += chunk.length;
          yield chunk;
        }
      } catch {
        // The store has failed: the rest comes from where it came from.
      }
    }
    if (at >= size) return;
    const had = this.#had.get(path);
    let keep = true;
    try {
      for await (const chunk of had ? [had.subarray(at)] : this.#source.chunks(path, at, size)) {
        // Without a hash, only the version that was measured may be continued another time; and no gap may be left.
        keep &&= !file.etag || file.etag === this.#source.version(path);
        await (keep ? this.#store?.write(number, at, chunk) : this.#store?.end(number));
        at += chunk.length;
        yield chunk;
        // Another file may have been read meanwhile.
        this.#at = file;
      }
    } finally {
      // Whoever has read enough for now comes again.
      if (at < size) await this.#store?.end(number);
    }
  }

  async #push(file: Entry, chunk: Uint8Array): Promise<void> {
    this.#at = file;
    await this.#engine.pushModel(file.path, chunk);
    this.#here += chunk.byteLength;
    this.#progress(this.#here / this.#total);
  }
}

function parse(text: string): Manifest {
  const file = "manifest.json";
  let manifest: Partial<Manifest> | null;
  try {
    manifest = JSON.parse(text) as Partial<Manifest> | null;
  } catch (error) {
    throw damaged(file, reason(error));
  }
  const { name = "", version = "", languages = [], files } = manifest ?? {};
  if (!Array.isArray(files)) throw damaged(file, "lists no files");
  for (const { path, size } of files as Entry[]) {
    if (typeof path !== "string" || !Number.isSafeInteger(size)) throw damaged(file, "a file has no path or size");
  }
  return { name, version, languages, files };
}
