/** The page's tokenizer: Hugging Face's own library. (The Rust one would be larger than our whole runtime.) */

import { Tokenizer } from "@huggingface/tokenizers";

/** What the engine asks of a tokenizer. */
export interface TextEncoding {
  /** Token ids of a text, without any special token added. Those in the text are recognised. */
  encode(text: string): Uint32Array;
  /** The tokens around an empty text. */
  readonly frame: Uint32Array;
  /** What of the `tokenizer.json` the engine needs: in some models a tenth of it. */
  readonly vocabulary: object;
  /** The special tokens: ids by their texts. */
  readonly specials: ReadonlyMap<string, number>;
  /** The token of what no other token has, if there is one. */
  readonly unknown: number | undefined;
}

/** As far as it is looked at here. */
interface File {
  readonly added_tokens?: unknown;
  readonly decoder?: unknown;
  readonly post_processor?: unknown;
  readonly model?: { readonly vocab?: unknown };
}

/** The tokenizer that a `tokenizer.json` describes. */
export function tokenizer(json: string): TextEncoding {
  let inner: Tokenizer;
  let vocabulary: object;
  try {
    const file = JSON.parse(json) as File;
    const { added_tokens, decoder, post_processor, model } = file;
    vocabulary = { added_tokens, decoder, post_processor, vocab: model?.vocab };
    inner = new Tokenizer(file, {});
  } catch (error) {
    throw new DOMException(`tokenizer.json: ${error instanceof Error ? error.message : String(error)}`, "DataError");
  }
  const special = [...inner.get_added_tokens_decoder().values()].filter((token) => token.special);
  return {
    vocabulary,
    frame: Uint32Array.from(inner.encode("", { add_special_tokens: true }).ids),
    encode: (text) => Uint32Array.from(inner.encode(text, { add_special_tokens: false }).ids),
    specials: new Map(special.map(({ content, id }) => [content, id])),
    unknown: inner.model?.unk_token_id,
  };
}
