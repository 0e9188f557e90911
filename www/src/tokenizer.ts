/** The page's tokenizer: Hugging Face's own library. (The Rust one would be larger than our whole runtime.) */

import { Tokenizer } from "@huggingface/tokenizers";

/** What the engine asks of a tokenizer. */
export interface TextEncoding {
  /** Token ids of a text, without any special token added. */
  encode(text: string): Uint32Array;
}

/** The tokenizer that a `tokenizer.json` describes. */
export function tokenizer(json: string): TextEncoding {
  let inner: Tokenizer;
  try {
    inner = new Tokenizer(JSON.parse(json) as object, {});
  } catch (error) {
    throw new DOMException(`tokenizer.json: ${error instanceof Error ? error.message : String(error)}`, "DataError");
  }
  return {
    encode: (text) => Uint32Array.from(inner.encode(text, { add_special_tokens: false }).ids),
  };
}
