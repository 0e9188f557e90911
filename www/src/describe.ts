/** The manifest of a model that has none: a Hugging Face folder, or GGUF files. Made from what is there. */

import type { ModelSource } from "./protocol";
import { CHAT_FILES } from "./template";
import { damaged, parts, reason, small, type Entry, type Source } from "./source";

/** A manifest as text, and the files that had to be read for it. */
export interface Description {
  readonly text: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** The model's own manifest, or one made for it. */
export async function describe(source: Source, model: ModelSource): Promise<Description> {
  const had = new Map<string, Uint8Array>();
  const files: Entry[] = [];
  const read = async (path: string, needed: boolean): Promise<string | undefined> => {
    const bytes = await small(source, path);
    if (bytes) {
      had.set(path, bytes);
      files.push({ path, size: bytes.length });
    } else if (needed) {
      const where = model.folders[0] ?? "";
      const problem = "is not there, and neither is manifest.json";
      throw new DOMException(`${where}${path}: ${problem}`, model.local ? "DataError" : "NetworkError");
    }
    return bytes && decode(bytes);
  };
  const measure = async (path: string): Promise<void> => {
    files.push({ path, ...(await source.size(path)) });
  };

  if (model.file !== undefined) {
    for (const path of parts(model.file)) await measure(path);
    return { text: manifest(model.file.replace(/\.gguf$/i, ""), "", files), files: had };
  }
  const own = await small(source, "manifest.json");
  if (own) return { text: decode(own), files: had };
  await read("config.json", true);
  await read("tokenizer.json", true);
  for (const path of CHAT_FILES) await read(path, false);
  const index = await read("model.safetensors.index.json", false);
  for (const path of index === undefined ? ["model.safetensors"] : shards(index)) await measure(path);
  const [, name = "", version = ""] = /^(.*?)(?:\/(?:resolve|raw)\/([^/]+))?\/?$/.exec(model.name) ?? [];
  return { text: manifest(name, version, files), files: had };
}

function shards(index: string): string[] {
  try {
    const { weight_map: map } = JSON.parse(index) as { weight_map: Record<string, string> };
    return [...new Set(Object.values(map))].sort();
  } catch (error) {
    throw damaged("model.safetensors.index.json", reason(error));
  }
}

/** Nothing is known of its licence and languages, and it was trained on no briefs. */
function manifest(name: string, version: string, files: readonly Entry[]): string {
  return JSON.stringify({ name, version, license: "", languages: [], prompt: "none", files });
}
