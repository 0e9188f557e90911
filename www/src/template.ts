/** Whether a model has a chat template. The code for it is a module of its own, which other models never load. */

import type { Chat } from "./chat";
import type { TextEncoding } from "./tokenizer";

/** What a model says of conversations. Whoever reads another format than Hugging Face's makes one of these, too. */
export interface ChatSource {
  /** Jinja: one template, or several as `{ name, template }`. */
  readonly template: unknown;
  /** What else `tokenizer_config.json` says: `bos_token`, `eos_token` and their like. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Ids of tokens that end an answer, besides `eos_token` and those of `config.json`: one or a list. */
  readonly ends: unknown;
}

/** Files that are read for conversations, when the manifest lists them: their hashes are checked like all others. */
export const CHAT_FILES = ["tokenizer_config.json", "chat_template.jinja", "generation_config.json"];

/** What those files say; `undefined` without a template. */
export function chatSource(files: ReadonlyMap<string, string>): ChatSource | undefined {
  const read = (name: string): Record<string, unknown> => {
    try {
      return Object(JSON.parse(files.get(name) ?? "{}")) as Record<string, unknown>;
    } catch (error) {
      throw new DOMException(`${name}: ${String(error)}`, "DataError");
    }
  };
  const config = read("tokenizer_config.json");
  const template = files.get("chat_template.jinja") ?? config["chat_template"] ?? undefined;
  return template === undefined
    ? undefined
    : { template, config, ends: read("generation_config.json")["eos_token_id"] };
}

/** Not `import.meta.url` where it is used: bundlers take a name made there for that of any file in the package. */
const here = import.meta.url;

/** A script that only some models need, once it is there. */
export async function late<T>(name: string, script: Promise<T>): Promise<T> {
  return script.catch((error: unknown) => {
    throw new DOMException(`${new URL(`./${name}`, here).href}: ${String(error)}`, "NetworkError");
  });
}

/** Loads what conversations need. At the model's own loading: afterwards nothing is fetched. */
export async function chatOf(source: ChatSource | undefined, encoding: TextEncoding): Promise<Chat | undefined> {
  if (!source) return undefined;
  const module = await late("chat.js", import("./chat"));
  return new module.Chat(source, encoding);
}
