/** Market research: what people say about a product, counted. English. */

import { ask, type AskOptions, type Judges, type Progress } from "./desk";
import { day, text, within } from "./input";
import { paired, type NamedEncoder } from "./paired";
import type { Time } from "./types";

export type { NamedEncoder } from "./paired";

/** Something that somebody wrote. */
export interface Post {
  /** Its place among the posts when absent. */
  readonly id?: string;
  readonly text: string;
  /** The day counts: of a string as it stands there, of other times in UTC. */
  readonly date?: Time;
}

/** How to read posts. */
export interface AnalyseOptions extends AskOptions {
  /** When each post was written, in their order; `undefined` where nobody knows. A post's own `date` counts first. */
  readonly dates?: readonly (Time | undefined)[];
  /** A BCP-47 tag; English when absent, and nothing else so far. */
  readonly language?: string;
  /**
   * Judges posts by their sense, together with `heads`: an `Embedder` of the model that the heads are for. Without both the
   * lexicon and its rules judge. The posts go to it as they are.
   */
  readonly embedder?: NamedEncoder;
  /** A file of heads, as `models/heads/` of this package has them. */
  readonly heads?: ArrayBuffer | Uint8Array;
  /**
   * Hears how far it is: each post is read, and then looked through once more. With heads each of their texts comes first:
   * posts, sentences and clauses.
   */
  readonly onProgress?: (progress: Progress) => void;
}

/** Praise, complaint, or neither. */
export type Label = "positive" | "neutral" | "negative";

/** Posts by what they say. */
export type Totals = Readonly<Record<Label, number>>;

/** What one post says. */
export interface Opinion {
  /** The post's. */
  readonly id: string;
  /** From −1 to 1. */
  readonly score: number;
  readonly label: Label;
  /** Words, phrases and faces that it rests on, with their values; with heads it rests on more than these. */
  readonly cues: readonly { readonly text: string; readonly value: number }[];
  /** What heads make of each of its sentences; absent without heads. */
  readonly sentences?: readonly { readonly text: string; readonly score: number; readonly label: Label }[];
}

/** Something that posts speak of. */
export interface Aspect {
  readonly name: string;
  /** Posts that speak of it. */
  readonly posts: number;
  readonly sentiment: Totals;
  /** Sentences, up to three of each kind, with the ids of their posts. */
  readonly examples: readonly { readonly post: string; readonly text: string; readonly label: Label }[];
}

/** Something that posts wish for. */
export interface Need {
  /** An aspect, or the word that these wishes have in common. */
  readonly about: string;
  readonly posts: number;
  /** Sentences, five at most, with the ids of their posts. */
  readonly quotes: readonly {
    readonly post: string;
    readonly wish: "wish" | "request" | "missing" | "search";
    readonly text: string;
  }[];
}

/** A span of days, both ends in it. */
export interface Bucket {
  readonly from: string;
  readonly to: string;
  readonly posts: number;
}

/** How an aspect does with time: its share of the posts in the earlier half of them, and in the later one. */
export interface Trend {
  /** An aspect's name, or `negative posts`. */
  readonly about: string;
  /** First day of the later part. */
  readonly since: string;
  /** Posts that speak of it, of all. */
  readonly before: readonly [number, number];
  readonly after: readonly [number, number];
  /** Of a z test of two proportions. */
  readonly p: number;
  /** Adjusted for the number of trends (Benjamini & Hochberg 1995). */
  readonly q: number;
  /** Rising or falling where q is at most 0.05. */
  readonly direction: "rising" | "falling" | "steady";
  /** Posts that speak of it in each bucket. */
  readonly series: readonly number[];
}

/** What the posts say together. */
export interface Research {
  /** Posts that were counted. */
  readonly posts: number;
  /** Posts that say the same as one before, and posts without a word: not counted. */
  readonly repeated: number;
  readonly empty: number;
  readonly sentiment: Totals;
  /** Each counted post, in their order. */
  readonly opinions: readonly Opinion[];
  /** Most posts first. */
  readonly aspects: readonly Aspect[];
  readonly needs: readonly Need[];
  /** Empty without dates. */
  readonly buckets: readonly Bucket[];
  readonly trends: readonly Trend[];
  /** The most important of this, in sentences whose numbers are counts. */
  readonly summary: readonly string[];
}

/**
 * Reads posts, in the worker. An abort ends the reading there, too.
 *
 * @throws TypeError for posts without a word, a date that is none, or an embedder that is not the heads'; DataError for a
 * file that has no heads, NotSupportedError for another language, QuotaExceededError for more than 16,777,216 UTF-16 units;
 * what the embedder throws.
 */
export async function analyse(
  posts: readonly (Post | string)[],
  { dates = [], language, embedder, heads, onProgress, signal }: AnalyseOptions = {},
): Promise<Research> {
  if (!Array.isArray(posts)) throw new TypeError("posts is not an array");
  if (!Array.isArray(dates) || dates.length > posts.length) throw new TypeError("dates are not those of the posts");
  const read = (post: Post | string, i: number): { id?: string; text: string; date?: string } => {
    const { id, date = dates[i], ...rest } = typeof post === "string" ? { text: post } : { ...post };
    return {
      text: text(rest.text, `posts[${i}].text`),
      ...(id !== undefined && { id: text(id, `posts[${i}].id`) }),
      ...(date !== undefined && { date: day(date, `posts[${i}].date`) }),
    };
  };
  const all = posts.map(read);
  within(
    "posts",
    all.map((post) => post.text),
  );
  const options = language === undefined ? {} : { language: text(language, "language") };
  const ending = signal ? { signal } : {};
  if (heads === undefined && embedder === undefined) return ask("analyse", [all, options], ending, onProgress);
  const written = all.map((post) => post.text);
  const judges = await judged(written, embedder, heads, ending, (done, total) => {
    onProgress?.({ done, total: total + 2 * all.length });
  });
  const before = judges.texts.length;
  return ask("analyse", [all, options, judges], ending, ({ done, total }) => {
    onProgress?.({ done: before + done, total: before + total });
  });
}

/** Texts that an encoder is asked for at a time: an abort is heard in between. */
const TEXTS = 32;
/** Posts that are cut into texts at a time. */
const POSTS = 100;

/** The vectors of what is to be judged. */
async function judged(
  posts: readonly string[],
  embedder: NamedEncoder | undefined,
  heads: ArrayBuffer | Uint8Array | undefined,
  ending: AskOptions,
  tell: (done: number, total: number) => void,
): Promise<Judges> {
  const { file, width, encode } = await paired(embedder, heads, ending);
  const different = new Set<string>();
  for (let at = 0; at < posts.length; at += POSTS) {
    const found = await ask<string[]>("texts", [posts.slice(at, at + POSTS)], ending);
    for (const text of found) different.add(text);
  }
  const texts = [...different];
  const vectors = new Float32Array(texts.length * width);
  for (let at = 0; at < texts.length; at += TEXTS) {
    const some = texts.slice(at, at + TEXTS);
    const made = await encode(some);
    made.forEach((vector, i) => vectors.set(vector, (at + i) * width));
    tell(at + some.length, texts.length);
  }
  return { heads: file, texts, vectors };
}
