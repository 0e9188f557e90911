/** A file of heads and the encoder that it is for. */

import { ask, type AskOptions } from "./desk";
import type { Encoder } from "./support";

/** An encoder that says which model it is. */
export interface NamedEncoder extends Encoder {
  readonly model: { readonly name: string };
}

/** Both, after a look at whether they fit. */
export interface Paired {
  readonly file: Uint8Array;
  /** Numbers of a vector. */
  readonly width: number;
  /** A vector for each text, of that length. */
  encode(texts: readonly string[]): Promise<readonly Float32Array[]>;
}

/** @throws TypeError where one of them is missing, or they do not fit; DataError for a file that has no heads. */
export async function paired(
  embedder: NamedEncoder | undefined,
  heads: ArrayBuffer | Uint8Array | undefined,
  ending: AskOptions,
): Promise<Paired> {
  if (typeof embedder?.embed !== "function") throw new TypeError("embedder has no embed()");
  if (!(heads instanceof ArrayBuffer || heads instanceof Uint8Array)) throw new TypeError("heads is no ArrayBuffer");
  const file = new Uint8Array(heads);
  const { encoder, width } = await ask<{ encoder: string; width: number }>("heads", [file], ending);
  const { name } = embedder.model ?? {};
  if (name !== encoder) throw new TypeError(`heads are for ${encoder}, and embedder is ${String(name)}`);
  const encode = async (texts: readonly string[]): Promise<readonly Float32Array[]> => {
    const made = await embedder.embed(texts, ending);
    ending.signal?.throwIfAborted();
    if (made.length !== texts.length || made.some((vector) => vector.length !== width)) {
      throw new TypeError(`embedder did not give ${width} numbers for each text`);
    }
    return made;
  };
  return { file, width, encode };
}
