/** What a customer wants, by a head on an encoder's vector. English. */

import { ask, type AskOptions } from "./desk";
import { text, within } from "./input";
import { paired, type NamedEncoder } from "./paired";

/** To know something; to have, book or reserve something; that something be put right. */
export type IntentName = "question" | "order" | "complaint";

/** What a customer wants. */
export interface Intent {
  /** The likeliest. */
  readonly intent: IntentName;
  /** Its share, which is no promise: {@link intent} says where it was measured. */
  readonly probability: number;
  /** The shares of all, together 1. */
  readonly shares: Readonly<Record<IntentName, number>>;
}

/** What judges a text. */
export interface IntentOptions extends AskOptions {
  /** An `Embedder` of the model that the heads are for. The text goes to it as it is. */
  readonly embedder: NamedEncoder;
  /** A file of heads, as `models/heads/` of this package has them. */
  readonly heads: ArrayBuffer | Uint8Array;
}

/**
 * What a customer wants with a text: before `answer` looks for an entry, or for the person who takes over. `models/heads/README.md`
 * of this package says on what it was trained, and how often it is right.
 *
 * @throws TypeError for a text without a word, or an embedder that is not the heads'; DataError for a file without this head,
 * QuotaExceededError for more than 16,777,216 UTF-16 units; what the embedder throws.
 */
export async function intent(message: string, { embedder, heads, signal }: IntentOptions): Promise<Intent> {
  const ending = signal ? { signal } : {};
  within("message", [text(message, "message")]);
  const { file, encode } = await paired(embedder, heads, ending);
  const whole = await ask<string>("readable", [message], ending);
  if (whole === "") throw new TypeError("message has no word");
  const [vector] = await encode([whole]);
  return ask("intent", [file, message, vector], ending);
}
