/** Answers to customers from a shop's own entries, or none. English. */

import type { Brief } from "../types";
import { ask, present, type AskOptions, type Task } from "./desk";
import { text, within } from "./input";

export * from "./intent";

/** Something that is known: a question that customers have, and the answer. */
export interface Entry {
  readonly id: string;
  /** The question, or a title. */
  readonly question: string;
  /** The answer, as it is given. */
  readonly answer: string;
  /** Where a reader finds it. */
  readonly url?: string;
  /** Vectors of it, where they were made before: those of all entries, by the encoder that makes the questions'. */
  readonly vectors?: readonly (readonly number[] | Float32Array)[];
}

/** What was asked before. */
export interface Turn {
  readonly question: string;
  /** Id of the entry that it was answered from. */
  readonly entry?: string;
}

/** What makes vectors: an `Embedder` of `copywright`. */
export interface Encoder {
  /** A vector for each text, all of one length. */
  embed(texts: readonly string[], options: AskOptions): Promise<readonly Float32Array[]>;
}

/** What writes: a `Copywright`. */
export interface ReplyWriter {
  /** A text for a brief, which has passed its checks. */
  write(brief: Brief, options: AskOptions): Promise<string>;
}

/** How to answer. */
export interface IndexOptions extends AskOptions {
  /**
   * Finds entries by their sense, too; without one by their words alone. Confidence is calibrated for all-MiniLM-L6-v2.
   * The questions of customers go to it as they are.
   */
  readonly embedder?: Encoder;
  /** Writes replies in its own words, from one entry and under the entry's numbers. Without one a reply is the entry's answer. */
  readonly writer?: ReplyWriter;
  /** The shop's name, for the writer. */
  readonly name?: string;
}

/** What else is known of a question. */
export interface AnswerOptions extends AskOptions {
  /** The turns so far, the last one at the end. */
  readonly conversation?: readonly Turn[];
}

/** An entry that may answer. */
export interface Source {
  readonly id: string;
  readonly question: string;
  readonly url?: string;
  /** Words of the customer's that it has, or has by another name. */
  readonly matched: readonly string[];
  /** Cosine of its nearest vector with the question's. */
  readonly similarity?: number;
  /** By which entries are ordered, 0 to 1. */
  readonly score: number;
}

/** An answer. */
export interface Reply {
  readonly declined: false;
  readonly reply: string;
  /** The entry that it is from, and is to be cited beside it. */
  readonly source: Source;
  /** The probability that this entry is the right one, as calibrated. */
  readonly confidence: number;
  /** Whether the writer's words or the entry's own: the latter also when no text of the writer's kept the entry's numbers. */
  readonly written: boolean;
}

/** None: a person should answer. */
export interface Declined {
  readonly declined: true;
  /** No word in the question; nothing of it in any entry; no entry that is likely enough. */
  readonly reason: "empty" | "unknown" | "unsure";
  /** The nearest entries. */
  readonly best: readonly Source[];
  readonly confidence: number;
}

/** An answer or none. */
export type Answer = Reply | Declined;

/** A question that a person should answer. */
export class HandoverEvent extends Event {
  readonly question: string;
  readonly conversation: readonly Turn[];
  readonly declined: Declined;

  constructor(question: string, conversation: readonly Turn[], declined: Declined) {
    super("handover");
    this.question = question;
    this.conversation = conversation;
    this.declined = declined;
  }
}

/** What the worker says. */
type Found =
  | { readonly kind: "reply"; readonly reply: string; readonly source: Source; readonly confidence: number }
  | ({ readonly kind: "declined" } & Omit<Declined, "declined">);

const inside = Symbol("SupportIndex");

/** Entries that may be asked. Fires a {@link HandoverEvent} called `handover` for each question that is declined. */
export class SupportIndex extends EventTarget {
  readonly #entries: readonly Entry[];
  readonly #options: IndexOptions;
  /** Where the worker has it, and which worker that was. */
  #there: { readonly worker: number | undefined; readonly index: Promise<number> } | undefined;
  #closed = false;

  /** @internal */
  constructor(guard: symbol, entries: readonly Entry[], options: IndexOptions) {
    super();
    if (guard !== inside) throw new TypeError("Illegal constructor: use support.index()");
    this.#entries = entries;
    this.#options = options;
  }

  /** `handover` comes with each question that was declined, for a person to take over. */
  override addEventListener(
    type: "handover",
    listener: ((this: SupportIndex, event: HandoverEvent) => void) | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  /** As of any `EventTarget`. */
  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(type: string, listener: never, options?: boolean | AddEventListenerOptions): void {
    super.addEventListener(type, listener, options);
  }

  /**
   * Answers from an entry, or declines, and says so with a `handover`.
   *
   * @throws InvalidStateError when it is closed, what the embedder or the writer throws, or the signal's reason.
   */
  async answer(question: string, { conversation = [], signal }: AnswerOptions = {}): Promise<Answer> {
    within("question", [text(question, "question")]);
    const { embedder, writer } = this.#options;
    const ending = signal ? { signal } : {};
    const turns = conversation.map(({ question: asked, entry }, i) => ({
      question: text(asked, `conversation[${i}].question`),
      ...(entry !== undefined && { entry: text(entry, `conversation[${i}].entry`) }),
    }));
    // Before anybody is asked for a vector.
    this.#place();
    let vector: readonly number[] | undefined;
    if (embedder && question.trim() !== "") {
      const whole = await ask<string>("standalone", [question, turns], ending);
      const [made] = await embedder.embed([whole], ending);
      vector = made && Array.from(made);
    }
    const found = await this.#ask<Found>("answer", [question, { turns, ...(vector && { vector }) }], ending);
    if (found.kind === "declined") {
      const { kind: _, ...why } = found;
      const declined: Declined = { declined: true, ...why };
      this.dispatchEvent(new HandoverEvent(question, conversation, declined));
      return declined;
    }
    const { source, confidence } = found;
    const own = writer && (await this.#write(writer, source.id, question, ending));
    return { declined: false, reply: own ?? found.reply, source, confidence, written: own !== undefined };
  }

  /** Gives the entries' memory back. Later questions are an `InvalidStateError`. */
  close(): void {
    this.#closed = true;
    const there = this.#there;
    this.#there = undefined;
    if (there && there.worker === present()) there.index.then((index) => ask("forget", [index])).catch(() => undefined);
  }

  /** @internal */
  async open(ending: AskOptions): Promise<void> {
    // Nobody else can wait for it yet: an abort ends it in the worker, too.
    await this.#place(ending).index;
  }

  /** The writer's words; undefined when no text of its kept the rules, or the entry is more than a brief may hold. */
  async #write(writer: ReplyWriter, id: string, question: string, ending: AskOptions): Promise<string | undefined> {
    const brief = await this.#ask<Brief>("brief", [id, this.#options.name, question], ending);
    try {
      const reply = await writer.write(brief, ending);
      return reply === "" ? undefined : reply;
    } catch (error) {
      const { name } = error as Error;
      if (name === "ConstraintError" || name === "TypeError") return undefined;
      throw error;
    }
  }

  /** Asks the worker that has the entries; one that was ended took them with it. */
  async #ask<T>(task: Task, args: readonly unknown[], ending: AskOptions): Promise<T> {
    for (;;) {
      const { worker, index } = this.#place();
      const at = await unless(ending.signal, index);
      if (worker === present()) return ask(task, [at, ...args], ending);
    }
  }

  #place(ending: AskOptions = {}): { readonly worker: number | undefined; readonly index: Promise<number> } {
    if (this.#closed) throw new DOMException("the index was closed", "InvalidStateError");
    if (this.#there && this.#there.worker === present()) return this.#there;
    // A question's signal is not handed on: others wait for the same.
    const index = ask<number>("index", [this.#entries], ending);
    const there = { worker: present(), index };
    index.catch(() => {
      if (this.#there === there) this.#there = undefined;
    });
    this.#there = there;
    return there;
  }
}

/**
 * Makes entries ready to be asked. An abort ends that in the worker, too.
 *
 * @throws TypeError for no entries, an empty field, an id that comes twice or vectors that do not fit together;
 * QuotaExceededError for more than 16,777,216 UTF-16 units; what the embedder throws.
 */
export async function index(
  entries: readonly Entry[],
  { signal, ...options }: IndexOptions = {},
): Promise<SupportIndex> {
  const ending = signal ? { signal } : {};
  signal?.throwIfAborted();
  if (!Array.isArray(entries)) throw new TypeError("entries is not an array");
  const { embedder, writer, name } = options;
  if (embedder !== undefined && typeof embedder.embed !== "function") throw new TypeError("embedder has no embed()");
  if (writer !== undefined && typeof writer.write !== "function") throw new TypeError("writer has no write()");
  if (writer && text(name, "name").trim() === "") throw new TypeError("name is empty");
  const read = entries.map((entry: Partial<Entry>, i) => {
    const field = (of: "id" | "question" | "answer"): string => text(entry?.[of], `entries[${i}].${of}`);
    return {
      ...{ id: field("id"), question: field("question"), answer: field("answer") },
      ...(entry.url !== undefined && { url: text(entry.url, `entries[${i}].url`) }),
      ...(entry.vectors && { vectors: entry.vectors.map((vector) => Array.from(vector)) }),
    };
  });
  const texts = read.flatMap(({ question, answer }) => [question, answer]);
  within("entries", texts);
  const bare = read.filter(({ vectors }) => !vectors?.length);
  if (embedder && bare.length === read.length && read.length > 0) {
    const vectors = await embedder.embed(texts, ending);
    read.forEach((entry, i) => {
      entry.vectors = vectors.slice(2 * i, 2 * i + 2).map((vector) => Array.from(vector));
    });
  }
  const made = new SupportIndex(inside, read, options);
  await made.open(ending);
  return made;
}

/** A promise, or the signal's reason when that comes first. */
function unless<T>(signal: AbortSignal | undefined, promise: Promise<T>): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
