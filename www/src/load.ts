/** From a model's folder to the GPU. Weights pass through in chunks: the model never lies whole in memory. */

import type { Engine } from "../generated/copywright";
import type { Chat } from "./chat";
import { bytes, chunks } from "./download";
import type { EngineOptions, ModelInfo } from "./protocol";
import { CHAT_FILES, chatOf, chatSource } from "./template";
import { tokenizer } from "./tokenizer";

/** The part of a manifest that is needed before the engine has checked it. */
interface Manifest extends ModelInfo {
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

/** A model that is in the engine, with what makes prompts of conversations if it has a template for them. */
export interface Loaded {
  readonly model: ModelInfo;
  readonly chat: Chat | undefined;
}

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Loads a model into the engine. `progress` is told how much is here, 0 to 1; `signal` ends the downloads. */
export async function load(
  engine: Engine,
  { model, quantize }: EngineOptions,
  signal: AbortSignal,
  progress: (loaded: number) => void,
): Promise<Loaded> {
  const at = (path: string): URL => new URL(path, model);
  const manifest = decode(await bytes(at("manifest.json"), signal));
  const config = await bytes(at("config.json"), signal);
  engine.beginModel(manifest, decode(config), quantize);
  // From here on the manifest is what the engine has found to be sound.
  const { name, version, languages, files } = JSON.parse(manifest) as Manifest;
  const total = files.reduce((sum, file) => sum + file.size, 0);
  let here = 0;
  let vocabulary: Uint8Array | undefined;
  const forChat = new Map<string, string>();
  const push = async (path: string, chunk: Uint8Array): Promise<void> => {
    await engine.pushModel(path, chunk);
    here += chunk.byteLength;
    progress(here / total);
  };
  for (const { path } of files) {
    if (path === "config.json") {
      await push(path, config);
    } else if (path === "tokenizer.json") {
      vocabulary = await bytes(at(path), signal);
      await push(path, vocabulary);
    } else if (CHAT_FILES.includes(path)) {
      const whole = await bytes(at(path), signal);
      await push(path, whole);
      forChat.set(path, decode(whole));
    } else {
      await chunks(at(path), signal, (chunk) => push(path, chunk));
    }
  }
  if (vocabulary === undefined) throw new DOMException("manifest.json: tokenizer.json is not listed", "DataError");
  const encoding = tokenizer(decode(vocabulary));
  await engine.finishModel(encoding.vocabulary, encoding);
  const chat = await chatOf(chatSource(forChat), encoding);
  return { model: { name, version, languages, chat: chat !== undefined }, chat };
}
