/** Measures of texts, rankings, classes and blind comparisons; `tests/insight/metrics.rs` holds them to known libraries' numbers. */

import { ask, type AskOptions } from "./desk";
import { text, texts, whole, within } from "./input";

/** So many of so many; no value when `of` is 0. */
export interface Share {
  readonly hits: number;
  readonly of: number;
}

/** How easily a text reads: indices that were made for English. */
export interface Readability {
  readonly sentences: number;
  readonly words: number;
  /** Estimated from the letters. */
  readonly syllables: number;
  /** All that is no space. */
  readonly characters: number;
  /** 90 and more is very easy, below 30 very hard (Flesch 1948). */
  readonly fleschReadingEase: number;
  /** Years of school in the USA (Kincaid et al. 1975). */
  readonly fleschKincaidGrade: number;
  /** Years of school, too, without syllables (Smith & Senter 1967). */
  readonly automatedReadabilityIndex: number;
}

/** Which features a text covers. */
export interface Coverage {
  readonly share: Share;
  readonly missing: readonly string[];
}

/** What a text costs a model. */
export interface Likelihood {
  /** Natural logarithm of the text's probability. */
  readonly logProbability: number;
  readonly tokens: number;
  readonly bytes: number;
  /** Nats per token. */
  readonly crossEntropy: number;
  readonly perplexity: number;
  /** Comparable between models with other tokenizers. */
  readonly bitsPerByte: number;
}

/** Precision, recall and their harmonic mean. */
export interface Average {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** Predictions against the truth. */
export interface Classification {
  readonly accuracy: number;
  /** The mean over classes. */
  readonly macro: Average;
  /** Of the sums over classes. */
  readonly micro: Average;
  /** In the order of their labels; `support` is how many there are. */
  readonly classes: readonly (Average & { readonly label: string; readonly support: number })[];
}

/** Something relevant, and how much. */
export interface Graded {
  readonly id: string;
  /** Above 0. */
  readonly gain: number;
}

/** Which side won. */
export type Winner = "a" | "b" | "tie";

/** One comparison of two authors. */
export interface Judgment {
  readonly a: string;
  readonly b: string;
  readonly winner: Winner;
  /** Of a trap: what should have been chosen. It says something of the judge, and counts for nobody. */
  readonly expected?: Winner;
}

/** How strong one author is. */
export interface Strength {
  readonly name: string;
  /** A logarithm, 0 on average: between two authors, the odds of winning are e to the difference. */
  readonly strength: number;
  /** Bounds of the 95 % interval. */
  readonly low: number;
  readonly high: number;
  /** Wins, ties as half a win, of comparisons. */
  readonly wins: Share;
}

/** What judgments say together. */
export interface Preference {
  /** The strongest first. */
  readonly strengths: readonly Strength[];
  /** Comparisons that counted. */
  readonly judgments: number;
  /** Traps that were seen through, of all. */
  readonly traps: Share;
}

function measure<T>(name: string, of: object, options: AskOptions = {}): Promise<T> {
  return ask("measure", [{ [name]: of }], options);
}

/** Distinct-n (Li et al. 2016): different runs of `n` words among all of these texts. */
export async function distinct(all: readonly string[], n: number, options?: AskOptions): Promise<Share> {
  return measure("distinct", { texts: texts(all, "texts"), n: whole(n, "n", 1) }, options);
}

/** The mean BLEU of each text against all others, 0 to 1: the lower, the more they differ. At least two texts. */
export async function selfBleu(all: readonly string[], options?: AskOptions): Promise<number> {
  return measure("selfBleu", { texts: texts(all, "texts") }, options);
}

/** Rep-n (Welleck et al. 2020): runs of `n` words that the text has had before, among all. */
export async function repetition(of: string, n: number, options?: AskOptions): Promise<Share> {
  return measure("repetition", { text: one(of), n: whole(n, "n", 1) }, options);
}

/** Whether three words in a row come twice; those of the name may. */
export async function repeats(of: string, name = "", options?: AskOptions): Promise<boolean> {
  return measure("repeats", { text: one(of), name: text(name, "name") }, options);
}

/** How many different beginnings of two words these texts have. */
export async function openings(all: readonly string[], options?: AskOptions): Promise<number> {
  return measure("openings", { texts: texts(all, "texts") }, options);
}

/** Counts and indices of a text that has words. */
export async function readability(of: string, options?: AskOptions): Promise<Readability> {
  return measure("readability", { text: one(of) }, options);
}

/** Which features have more than half of their content words in the text, by their stems. */
export async function coverage(of: string, features: readonly string[], options?: AskOptions): Promise<Coverage> {
  return measure("coverage", { text: one(of), features: texts(features, "features") }, options);
}

/** From the natural log-probability of each token of a text that has so many bytes of UTF-8. */
export async function likelihood(
  logProbabilities: readonly number[],
  bytes: number,
  options?: AskOptions,
): Promise<Likelihood> {
  return measure("likelihood", { logProbabilities, bytes: whole(bytes, "bytes", 0) }, options);
}

/** Accuracy to F1. `labels` names the classes to average over; all that occur when absent. */
export async function classification(
  truth: readonly string[],
  predicted: readonly string[],
  { labels = [], ...options }: AskOptions & { readonly labels?: readonly string[] } = {},
): Promise<Classification> {
  const of = {
    truth: texts(truth, "truth"),
    predicted: texts(predicted, "predicted"),
    labels: texts(labels, "labels"),
  };
  return measure("classification", of, options);
}

/** Relevant ids among the first `k`, of all relevant ones; `null` when nothing is relevant. */
export async function recallAtK(
  ranked: readonly string[],
  relevant: readonly (string | Graded)[],
  k: number,
  options?: AskOptions,
): Promise<number | null> {
  return measure("recallAtK", { ...ranking(ranked, relevant), k: whole(k, "k", 1) }, options);
}

/** Normalised discounted cumulative gain of the first `k` (Järvelin & Kekäläinen 2002); `null` when nothing is relevant. */
export async function ndcgAtK(
  ranked: readonly string[],
  relevant: readonly (string | Graded)[],
  k: number,
  options?: AskOptions,
): Promise<number | null> {
  return measure("ndcgAtK", { ...ranking(ranked, relevant), k: whole(k, "k", 1) }, options);
}

/** One over the place of the first relevant id; 0 when there is none. */
export async function reciprocalRank(
  ranked: readonly string[],
  relevant: readonly (string | Graded)[],
  options?: AskOptions,
): Promise<number> {
  return measure("reciprocalRank", ranking(ranked, relevant), options);
}

/**
 * Strengths by Bradley and Terry's model (1952) with 95 % intervals of `rounds` resamples (1000 when absent, 10,000 at
 * most), drawn with `seed` (0 when absent).
 */
export async function preference(
  judgments: readonly Judgment[],
  { rounds = 1000, seed = 0, ...options }: AskOptions & { readonly rounds?: number; readonly seed?: number } = {},
): Promise<Preference> {
  const of = { judgments, rounds: whole(rounds, "rounds", 0, 10_000), seed: whole(seed, "seed", 0) };
  return measure("preference", of, options);
}

function one(of: unknown): string {
  const [whole = ""] = within("text", [text(of, "text")]);
  return whole;
}

function ranking(ranked: readonly string[], relevant: readonly (string | Graded)[]): object {
  if (!Array.isArray(relevant)) throw new TypeError("relevant is not an array");
  const graded = relevant.map((of: string | Graded) => (typeof of === "string" ? { id: of, gain: 1 } : of));
  return { ranked: texts(ranked, "ranked"), relevant: graded };
}
