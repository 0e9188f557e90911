/**
 * What a shop may know of its customers, computed on their own device. None of it needs a GPU or a model; it runs in a
 * worker of its own, which comes with the first call or with {@link load}. After that nothing is fetched, and nothing leaves
 * the page.
 *
 * @module copywright/insight
 */

import { ask, type AskOptions, type Part } from "./insight/desk";
import { entry, time, within } from "./insight/input";
import type { Anonymised, Event, Item, Recommendation, RecommendOptions, Span } from "./insight/types";

export { BlindTest } from "./insight/blind";
export * as metrics from "./insight/metrics";
export * as research from "./insight/research";
export * as support from "./insight/support";
export { unload } from "./insight/desk";
export { EncryptedStore, type StoreOptions } from "./insight/store";
export type { AskOptions, Part, Progress } from "./insight/desk";
export type * from "./insight/blind";
export type * from "./insight/types";

/** Fetches both modules now, or the one that is needed, so that no later call has to. */
export function load({ part, ...options }: AskOptions & { readonly part?: Part } = {}): Promise<void> {
  return ask("load", [part], options);
}

/**
 * Puts placeholders such as `[EMAIL_1]` where a text tells who somebody is, the same for the same value. The spans are as
 * private as the text was: keep them here, and give away the text. QuotaExceededError for more than
 * 16,777,216 UTF-16 units.
 */
export async function anonymise(text: string, options?: AskOptions): Promise<Anonymised> {
  return ask("anonymise", within("text", [String(text)]), options);
}

/** Puts the spans' values back where their placeholders stand: in the text, or in a reply to it. */
export function restore(text: string, spans: readonly Span[], options?: AskOptions): Promise<string> {
  return ask("restore", [String(text), spans], options);
}

/**
 * The best items for somebody, each with its reason. Without `consent` the history does not even reach the worker, and the
 * result is the same for everybody. An abort ends the ranking in the worker, too.
 */
export async function recommend(
  catalogue: readonly Item[],
  history: readonly Event[],
  { signal, now, ...options }: RecommendOptions = {},
): Promise<Recommendation[]> {
  if (!Array.isArray(catalogue)) throw new TypeError("catalogue is not an array");
  const past = options.consent === true ? history.map(entry) : [];
  const at = now === undefined ? Date.now() : time(now, "now");
  return ask("recommend", [catalogue, past, { ...options, now: at }], signal ? { signal } : {});
}
