/**
 * Blind comparisons of two: who judges sees two texts and not who wrote them. Sides and order are drawn with a seed; traps,
 * whose answer is known, tell whether somebody reads.
 */

import type { AskOptions } from "./desk";
import { text, whole } from "./input";
import { preference, type Judgment, type Preference, type Winner } from "./metrics";
import { Random } from "./random";

/** A text and who wrote it. */
export interface Side {
  /** Who wrote it: a model, a person, a version. Never shown. */
  readonly source: string;
  readonly text: string;
}

/** Two texts for the same thing, by two sources. */
export interface Pair {
  readonly id: string;
  readonly a: Side;
  readonly b: Side;
}

/** A pair whose answer is known. */
export interface Trap extends Pair {
  readonly expected: Winner;
}

/** What is shown: two texts, `a` and `b` as they are seen, and nothing of their sources. */
export interface Trial {
  /** For {@link BlindTest.vote}. It tells nothing of the pair. */
  readonly id: string;
  readonly a: string;
  readonly b: string;
}

/** A vote. */
export interface Vote {
  /** The trial's `id`. */
  readonly trial: string;
  /** What was chosen, as it was seen. */
  readonly shown: Winner;
  /** The same, in the pair's own sides. */
  readonly winner: Winner;
  /** When, as ISO 8601. */
  readonly at: string;
}

/** All of a test, as JSON. */
export interface BlindRecord {
  readonly kind: "copywright-blind";
  readonly version: 1;
  readonly seed: number;
  readonly pairs: readonly Pair[];
  readonly traps: readonly Trap[];
  /** In the order in which they are shown; `swapped`: the pair's `a` is shown as `b`. */
  readonly trials: readonly { readonly id: string; readonly pair: string; readonly swapped: boolean }[];
  readonly votes: readonly Vote[];
  readonly judgments: readonly Judgment[];
  /** Where the texts and the votes are from, as the caller says, and when the test was made. */
  readonly provenance: Readonly<Record<string, unknown>> & { readonly created: string };
}

/** A record with what it says. */
export interface BlindResult extends BlindRecord {
  /** Strengths of the sources; absent while no pair has a vote. */
  readonly result?: Preference;
  /** SHA-256 of seed, pairs and traps, in hexadecimal digits; absent outside of a secure context. */
  readonly sha256?: string;
}

/** How to make a test. */
export interface BlindOptions {
  /** Of sides and order; drawn when absent. */
  readonly seed?: number;
  /** Pairs whose answer is known, put between the others: see {@link BlindTest.traps}. */
  readonly traps?: readonly Trap[];
  /** What is to be said of the texts and the judge: models, versions, dates; anything that JSON can say. */
  readonly provenance?: Readonly<Record<string, unknown>>;
}

/** Where a trial's texts are from. */
interface Drawn {
  readonly trial: Trial;
  readonly pair: Pair | Trap;
  readonly swapped: boolean;
}

const WINNERS: readonly unknown[] = ["a", "b", "tie"];
/** Texts with fewer words than this are no traps: out of order, they may still read well. */
const LEAST_WORDS = 6;

/** A blind test of one judge. */
export class BlindTest {
  readonly seed: number;
  readonly #pairs: readonly Pair[];
  readonly #traps: readonly Trap[];
  readonly #drawn: readonly Drawn[];
  readonly #votes = new Map<string, Vote>();
  readonly #provenance: BlindRecord["provenance"];

  /** @throws TypeError for what is no pair, an id that comes twice, or a pair of one source. */
  constructor(pairs: readonly Pair[], { seed = drawnSeed(), traps = [], provenance = {} }: BlindOptions = {}) {
    this.seed = whole(seed, "seed", 0);
    this.#pairs = list(pairs, "pairs").map((pair, i) => checkedPair(pair, `pairs[${i}]`));
    this.#traps = list(traps, "traps").map((trap, i) => {
      const expected = winner((trap as Partial<Trap>)?.expected, `traps[${i}].expected`);
      return { ...checkedPair(trap, `traps[${i}]`), expected };
    });
    if (this.#pairs.length === 0) throw new TypeError("pairs is empty");
    const all = [...this.#pairs, ...this.#traps];
    const ids = new Set<string>();
    for (const { id } of all) {
      if (ids.has(id)) throw new TypeError(`the id ${JSON.stringify(id)} comes twice`);
      ids.add(id);
    }
    this.#provenance = { created: new Date().toISOString(), ...provenance };
    const random = new Random(this.seed);
    // Half of all are turned round, so that no side is seen more often on the left.
    const turned = random.shuffled(all.map((_, i) => i % 2 === 0));
    this.#drawn = random.shuffled(all.map((pair, i) => ({ pair, swapped: turned[i] === true }))).map((each, i) => {
      const { pair, swapped } = each;
      const [a, b] = swapped ? [pair.b.text, pair.a.text] : [pair.a.text, pair.b.text];
      return { ...each, trial: Object.freeze({ id: String(i + 1), a, b }) };
    });
  }

  /**
   * At most `count` traps of these pairs' texts: a text against its own words in another order. Only texts of six words
   * and more are taken, so there may be fewer.
   */
  static traps(pairs: readonly Pair[], count: number, seed = 0): Trap[] {
    const random = new Random(whole(seed, "seed", 0));
    const sides = list(pairs, "pairs").flatMap((pair, i) => {
      const { a, b } = checkedPair(pair, `pairs[${i}]`);
      return [a.text, b.text];
    });
    const long = [...new Set(sides)].filter((side) => new Set(side.split(/\s+/)).size >= LEAST_WORDS);
    const chosen = random.shuffled(long).slice(0, whole(count, "count", 0));
    return chosen.map((right, i) => {
      const words = right.trim().split(/\s+/);
      let mixed = words;
      while (mixed.join(" ") === words.join(" ")) mixed = random.shuffled(words);
      const wrong = { source: "trap: out of order", text: mixed.join(" ") };
      return { id: `trap ${i + 1}`, a: { source: "trap: whole", text: right }, b: wrong, expected: "a" };
    });
  }

  /** A test as it was left: what {@link BlindTest.toJSON} gave. @throws DataError for anything else. */
  static from(record: BlindRecord): BlindTest {
    const damaged = (why: string): DOMException => new DOMException(`no record of a blind test: ${why}`, "DataError");
    if (record?.kind !== "copywright-blind" || record.version !== 1) throw damaged("kind or version");
    let test: BlindTest;
    try {
      const { seed, traps, provenance } = record;
      test = new BlindTest(record.pairs, { seed, traps, provenance });
      for (const { trial, shown, at } of record.votes) test.#count(trial, shown, text(at, "at"));
    } catch (error) {
      throw damaged(error instanceof Error ? error.message : String(error));
    }
    const { trials, votes } = test.toJSON();
    const same = (mine: unknown, theirs: unknown): boolean => JSON.stringify(mine) === JSON.stringify(theirs);
    if (!same(trials, record.trials)) throw damaged("its trials are not those of its seed");
    if (!same(votes, record.votes)) throw damaged("its votes are not those of its trials");
    return test;
  }

  /** All trials, in the order in which they are to be shown. */
  get trials(): readonly Trial[] {
    return this.#drawn.map(({ trial }) => trial);
  }

  /** The first that has no vote. */
  get next(): Trial | undefined {
    return this.trials.find(({ id }) => !this.#votes.has(id));
  }

  /** How many have one. */
  get done(): number {
    return this.#votes.size;
  }

  /** Takes a vote: `a` or `b` as they were seen, or a tie. A second one for the same trial replaces the first. */
  vote(trial: string, choice: Winner): void {
    this.#count(trial, choice, new Date().toISOString());
  }

  #count(trial: string, choice: Winner, at: string): void {
    const drawn = this.#drawn.find((each) => each.trial.id === trial);
    if (!drawn) throw new TypeError(`there is no trial ${JSON.stringify(trial)}`);
    const shown = winner(choice, "choice");
    const turned = shown === "tie" ? shown : shown === "a" ? "b" : "a";
    this.#votes.set(trial, { trial, shown, winner: drawn.swapped ? turned : shown, at });
  }

  /** The votes as {@link preference} takes them; those of several judges may be put together. */
  judgments(): Judgment[] {
    return this.#drawn.flatMap(({ trial, pair }) => {
      const vote = this.#votes.get(trial.id);
      if (!vote) return [];
      const expected = "expected" in pair ? { expected: pair.expected } : {};
      return [{ a: pair.a.source, b: pair.b.source, winner: vote.winner, ...expected }];
    });
  }

  /** What the votes say: TypeError while no pair has one. The resamples are drawn with the test's own seed. */
  result(options: AskOptions & { readonly rounds?: number } = {}): Promise<Preference> {
    return preference(this.judgments(), { ...options, seed: this.seed });
  }

  /** All that is needed to go on later, or to look at it again: `JSON.stringify(test)`. Sources are in it. */
  toJSON(): BlindRecord {
    return {
      kind: "copywright-blind",
      version: 1,
      seed: this.seed,
      pairs: this.#pairs,
      traps: this.#traps,
      trials: this.#drawn.map(({ trial, pair, swapped }) => ({ id: trial.id, pair: pair.id, swapped })),
      votes: [...this.#votes.values()],
      judgments: this.judgments(),
      provenance: this.#provenance,
    };
  }

  /** The record with its result and a hash of what was compared. */
  async export(options: AskOptions & { readonly rounds?: number } = {}): Promise<BlindResult> {
    const record = this.toJSON();
    const counted = record.judgments.some(({ expected }) => expected === undefined);
    const { seed, pairs, traps } = record;
    const bytes = new TextEncoder().encode(JSON.stringify({ seed, pairs, traps }));
    const hash = await globalThis.crypto?.subtle?.digest("SHA-256", bytes);
    return {
      ...record,
      ...(counted && { result: await this.result(options) }),
      ...(hash && { sha256: Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("") }),
    };
  }
}

function drawnSeed(): number {
  return globalThis.crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}

function list<T>(values: readonly T[], field: string): readonly T[] {
  if (!Array.isArray(values)) throw new TypeError(`${field} is not an array`);
  return values;
}

function winner(value: unknown, field: string): Winner {
  if (!WINNERS.includes(value)) throw new TypeError(`${field} is not "a", "b" or "tie"`);
  return value as Winner;
}

function checkedPair(pair: Partial<Pair>, field: string): Pair {
  const filled = (value: unknown, name: string): string => {
    if (text(value, `${field}.${name}`).trim() === "") throw new TypeError(`${field}.${name} is empty`);
    return value as string;
  };
  const side = (of: Partial<Side> | undefined, name: string): Side => ({
    source: filled(of?.source, `${name}.source`),
    text: filled(of?.text, `${name}.text`),
  });
  const made = { id: filled(pair?.id, "id"), a: side(pair.a, "a"), b: side(pair.b, "b") };
  if (made.a.source === made.b.source) throw new TypeError(`${field} has one source, not two`);
  return made;
}
