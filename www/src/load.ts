/** From a model's folder to the GPU. Weights pass through in chunks: the model never lies whole in memory. */

import type { Engine } from "../generated/copywright";
import { chunks, text } from "./download";
import type { ModelInfo } from "./protocol";
import { tokenizer } from "./tokenizer";

/** The part of a manifest that is needed before the engine has checked it. */
interface Manifest extends ModelInfo {
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

/** Loads the model in `folder` into the engine. `progress` is told how much is here, 0 to 1. */
export async function load(engine: Engine, folder: string, progress: (loaded: number) => void): Promise<ModelInfo> {
  const at = (path: string): URL => new URL(path, folder);
  const manifestText = await text(at("manifest.json"));
  const config = await text(at("config.json"));
  // From here on the manifest is what the engine has found to be sound.
  engine.beginModel(manifestText, config);
  const { name, version, languages, files } = JSON.parse(manifestText) as Manifest;
  const total = files.reduce((sum, file) => sum + file.size, 0);
  let here = 0;
  let vocabulary: string | undefined;
  const push = async (path: string, chunk: Uint8Array): Promise<void> => {
    await engine.pushModel(path, chunk);
    here += chunk.byteLength;
    progress(here / total);
  };
  for (const { path } of files) {
    if (path === "tokenizer.json") {
      const bytes: Uint8Array[] = [];
      await chunks(at(path), async (chunk) => {
        bytes.push(chunk.slice());
        await push(path, chunk);
      });
      vocabulary = await new Blob(bytes as BlobPart[]).text();
    } else {
      await chunks(at(path), (chunk) => push(path, chunk));
    }
  }
  if (vocabulary === undefined) throw new DOMException("manifest.json: tokenizer.json is not listed", "DataError");
  await engine.finishModel(vocabulary, tokenizer(vocabulary));
  return { name, version, languages };
}
