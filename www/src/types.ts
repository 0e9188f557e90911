/**
 * The public types. Names and semantics follow the web's Writing Assistance APIs where they have one;
 * {@link CompletionRequest} and what answers it speak OpenAI's snake_case.
 */

export type * from "./completion-types";

/** What can be written. Limits and sources of each: `src/copy/formats.json` of the crate. */
export const FORMATS = [
  "tagline",
  "ad-headline",
  "ad-description",
  "product-blurb",
  "social-post",
  "email-subject",
  "email-body",
  "meta-description",
  "push",
  "hero",
  "recommendation",
  "support-reply",
  "blog-intro",
] as const;

/** One of {@link FORMATS}. */
export type Format = (typeof FORMATS)[number];

/** How it can sound. */
export const TONES = ["plain", "warm", "playful", "premium", "bold", "formal"] as const;

/** One of {@link TONES}. */
export type Tone = (typeof TONES)[number];

/** A claim that may be made, with what proves it. */
export interface Claim {
  /**
   * `"superlative"`, `"guarantee"`, `"health"`, `"green"`, `"scarcity"`, `"comparison"`, `"saving"`, `"testimonial"` or
   * `"surveillance"`.
   */
  readonly class: string;
  /** Its evidence, in words. */
  readonly evidence: string;
}

/** What is to be written about. Only `format` and `name` must be there; a writer's defaults can stand in. */
export interface Brief {
  /** What is written. */
  readonly format: Format;
  /** Name of the product, byte for byte. */
  readonly name: string;
  /** Who makes it. */
  readonly brand?: string;
  /** What kind of thing it is. */
  readonly category?: string;
  /** What it has and does. */
  readonly features?: readonly string[];
  /** Facts with their values, such as `{ price: "€49" }`. */
  readonly facts?: Readonly<Record<string, string | number>>;
  /** Whom it is for. */
  readonly audience?: string;
  /** How it should sound; plain when absent. */
  readonly tone?: Tone;
  /** BCP-47 tag; the model's own language when absent. */
  readonly language?: string;
  /** Whom it is for at this moment. */
  readonly context?: {
    /** What the reader is interested in (recommendation). */
    readonly interest?: string;
    /** What the reader asked (support-reply). */
    readonly question?: string;
  };
  /** Terms that must be in the text. */
  readonly must?: readonly string[];
  /** Terms that must not. */
  readonly never?: readonly string[];
  /** Claims that may be made. */
  readonly allow?: readonly Claim[];
  /** A limit below the format's own, in its count. */
  readonly maxChars?: number;
}

/** A brief of which a writer's defaults may supply any part. */
export type PartialBrief = Partial<Brief>;

/** What a writer takes: a brief, or plain text in its place. */
export type Input = PartialBrief | string;

/** Whether a writer can be created, and whether that needs a download. */
export type Availability = "unavailable" | "downloadable" | "downloading" | "available";

/** Which files make a model, as its `manifest.json` says. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  /** SPDX expression. */
  readonly license: string;
  /** BCP-47 tags of the languages that it writes. */
  readonly languages: readonly string[];
  /** How a brief becomes a prompt: `"brief-v1"`, `"brief-v2"`, or `"none"` for models that only complete. */
  readonly prompt: string;
  readonly files: readonly { readonly path: string; readonly size: number; readonly sha256?: string }[];
}

/** A model that is kept on the visitor's device. */
export interface StoredModel {
  /** Its address. */
  readonly model: string;
  /** Bytes that are here, those of unfinished files among them. */
  readonly bytes: number;
  /** Whether that is all of it: it then needs no network. */
  readonly complete: boolean;
}

/** The part of the options that decides which engine is used; equal ones share one engine. */
export interface CoreOptions {
  /**
   * The model; the one in this package when absent. An address is that of a folder in Hugging Face's layout, with or
   * without a `manifest.json`, or that of a GGUF file, the first one of several parts. Both can also be what the visitor
   * has picked: a folder's handle, or a GGUF file in one part. With a manifest itself the files are those in `base`.
   */
  readonly model?: string | URL | File | FileSystemFileHandle | FileSystemDirectoryHandle | Manifest;
  /** Folder that `model` and `mirrors` are relative to; the page's when absent. */
  readonly base?: string | URL;
  /** Other folders with the same files, asked in this order when one fails. */
  readonly mirrors?: readonly (string | URL)[];
  /**
   * Whether the model is kept on the visitor's device, which is for the page to ask the visitor: `"none"` (default) keeps
   * nothing. `"opfs"` is the origin's private file system, where a download that was broken off goes on the next time;
   * `"cache"` is Cache Storage, with whole files only; `"auto"` is the first of them that works. A model that is kept
   * needs no network afterwards. Where there is no room, it is fetched as with `"none"`; what lies on the visitor's disk
   * anyway is not kept again.
   */
  readonly storage?: "none" | "opfs" | "cache" | "auto";
  /** Milliseconds without a byte after which a connection counts as broken; default 30,000. */
  readonly stallTimeout?: number;
  /** `"auto"` (default): 16-bit floats where the GPU has them. `"f16"` fails with NotSupportedError elsewhere. */
  readonly precision?: "auto" | "f32" | "f16";
  /**
   * `"none"` (default): weights stay as they are in the file. `"q8"` and `"q4"` pack matrices into 8.5 or 4.5 bits a
   * weight on their way to the GPU: less memory and less to read for each token, and slightly other text.
   */
  readonly quantize?: "none" | "q8" | "q4";
  /**
   * Most bytes of GPU memory. A model that needs more is a QuotaExceededError before its weights are fetched, a call
   * that needs more one of that call. As much as the GPU gives when absent.
   */
  readonly maxGpuBytes?: number;
  /** Which GPU to ask for, where there are two; the browser decides when absent. */
  readonly powerPreference?: "low-power" | "high-performance";
  /** BCP-47 tag of the language to write. A language the model does not declare is a NotSupportedError. */
  readonly language?: string;
}

/** Told about a creation while it happens, as in the Writing Assistance APIs. */
export interface CreateMonitor extends EventTarget {
  /** Same as a listener for `downloadprogress`. */
  ondownloadprogress: ((this: CreateMonitor, event: ProgressEvent) => void) | null;
  /** `loaded` goes from 0 to 1 and both ends always come; `total` is 1. At most one event in 50 ms between. */
  addEventListener(
    type: "downloadprogress",
    listener: ((this: CreateMonitor, event: ProgressEvent) => void) | EventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

/** How to create a writer. */
export interface CreateOptions extends CoreOptions {
  /** Tone of briefs that name none. */
  readonly tone?: Tone;
  /** Format of briefs that name none. */
  readonly format?: Format;
  /**
   * What all briefs of this writer have in common: a brand, an audience, terms never to use. A brief's own
   * fields come first, whole; fields are not merged. It is data like a brief, never an instruction.
   */
  readonly sharedContext?: PartialBrief;
  /** Ends the creation; afterwards destroys the writer. */
  readonly signal?: AbortSignal;
  /** Called at once, during `create()`, to add listeners. What it throws rejects `create()`. */
  readonly monitor?: (monitor: CreateMonitor) => void;
}

/** What a call can be told besides its input. */
export interface CallOptions {
  /** Ends this call, and only this one. */
  readonly signal?: AbortSignal;
}

/** How to write. Everything is optional. */
export interface WriteOptions extends CallOptions {
  /** 0 to 2^32 - 1. The same seed, model and brief give the same text on the same device. Drawn when absent. */
  readonly seed?: number;
  /**
   * Most tokens of a text; what the format's limit needs when absent. Too few for what the brief asks are a TypeError that
   * says how many would do.
   */
  readonly maxTokens?: number;
  /** 0 (always the likeliest token) to 2; default 0.7. */
  readonly temperature?: number;
  /** Only the k likeliest tokens; 0 (default) is off. */
  readonly topK?: number;
  /** Only the likeliest tokens that together have this probability; 1 (default) is off. */
  readonly topP?: number;
  /** Only tokens at least this fraction as likely as the likeliest; 0 (default) is off. */
  readonly minP?: number;
  /** Makes tokens seen before less likely; 1 (default) is off. */
  readonly repetitionPenalty?: number;
  /** -2 to 2, taken from the logits of tokens that the text has; 0 (default) is off. */
  readonly presencePenalty?: number;
  /** -2 to 2, taken from the logits as often as the text has the token; 0 (default) is off. */
  readonly frequencyPenalty?: number;
  /** No sequence of this many tokens comes twice; 0 (default) is off. */
  readonly noRepeatNgramSize?: number;
  /** Token ids and what is added to their logits, -100 to 100. */
  readonly logitBias?: Readonly<Record<number, number>>;
  /** Strings that end a text; they are not part of it. */
  readonly stop?: readonly string[];
  /** Tokens per readback from the GPU after the first two; 0 (default) adapts. Never changes the text. */
  readonly stepsPerReadback?: number;
  /**
   * How often a text is written at most until it keeps the brief's rules; default 3. Attempt a, from 0, draws with
   * `seed + 0x9e3779b9 * a`, modulo 2^32.
   */
  readonly attempts?: number;
  /**
   * Without the brief's rules, once, in pieces as they are written, whatever its checks say. Otherwise nothing of a text
   * comes before it has passed.
   */
  readonly unconstrained?: boolean;
}

/** New text of one variant. */
export interface Delta {
  /** Which variant, from 0. */
  readonly index: number;
  /** What comes after what came before. */
  readonly text: string;
}

/** What a call can be told that gives more than a text. */
export interface ExplainOptions<E extends boolean = boolean> {
  /**
   * Tell of each token how likely it was, what else was, and which rules struck that out ({@link Copy.explanation}). Never
   * changes the text.
   */
  readonly explain?: E;
}

/** How to write several texts at once. */
export interface VariantsOptions extends WriteOptions, ExplainOptions {
  /**
   * How many, 1 (default) to 8. Variant i begins with `seed + i`; one that breaks a rule or is a near-copy of another is
   * written anew.
   */
  readonly n?: number;
  /** Told of new text: of each copy, under its place, when all have passed. */
  readonly onDelta?: (delta: Delta) => void;
  /**
   * Told of text as it is written, before it has passed: to show that something happens, and not what will be. An empty text
   * says that what came of this variant is forgotten, as it begins anew. Places are those of the seeds, not of the copies.
   */
  readonly onDraft?: (delta: Delta) => void;
}

/** Something the finished text was checked for. */
export interface Check {
  /**
   * What is asked of the text: `"length"`, `"parts"`, `"name"`, `"must"`, `"never"`, `"number"`, `"claim"`, `"ending"`
   * or `"markup"`.
   */
  readonly rule: string;
  /** Whether the text keeps it. */
  readonly pass: boolean;
  /** What was found, in words. It may quote the text and the brief: show it as text, never as HTML. */
  readonly detail: string;
  /** Where, first byte and byte after the last in UTF-8: what breaks the rule, or what keeps it. */
  readonly spans: readonly (readonly [number, number])[];
}

/** A token that could have come. */
export interface Alternative {
  /** The token's id. */
  readonly token: number;
  /**
   * Its own text; empty where it ends the text. What is no whole character is U+FFFD. Show it as text, never as HTML, as all
   * of an explanation.
   */
  readonly text: string;
  /** Its probability by the model's own distribution, 0 to 1: at temperature 1, without penalties and rules. */
  readonly probability: number;
  /** The rules that struck it out, as in {@link Check}; empty where it was free to come. */
  readonly struck: readonly string[];
}

/** One token of a text, or what ended it. */
export interface ExplainedToken {
  /** The token's id. */
  readonly token: number;
  /**
   * What it adds: all of them together are the text. Empty where it ends the text, or where the next token is needed to make
   * a character whole or to know that no stop string has begun.
   */
  readonly text: string;
  /** As in {@link Alternative}. */
  readonly probability: number;
  /** The five likeliest tokens, itself among them if it is one, the likeliest first. */
  readonly alternatives: readonly Alternative[];
}

/** A text with why it is as it is. */
export interface ExplainedText {
  readonly text: string;
  /** As in {@link Copy}; empty of an empty text. */
  readonly explanation: readonly ExplainedToken[];
}

/** Why a text ended: by itself (or a stop string), or at its token limit. */
export type FinishReason = "stop" | "length";

/** One written text with what is known about it. */
export interface Copy {
  readonly text: string;
  readonly checks: readonly Check[];
  /** The seed that gives this very text again, alone. */
  readonly seed: number;
  /** How many texts were written until this one, it included. */
  readonly attempts: number;
  /**
   * Of several variants: the mean of ln p of its tokens by the model, and the share of the brief's features that it speaks
   * of (0 to 1), added.
   */
  readonly score?: number;
  /** Name and version of the model. */
  readonly model: string;
  /** Hash of the brief as it was understood. */
  readonly briefHash: string;
  readonly finishReason: FinishReason;
  /** Tokens of the prompt and of this text. */
  readonly usage: { readonly promptTokens: number; readonly completionTokens: number };
  /** Of the whole batch: wait for the first token, then tokens of all its texts per second. */
  readonly timing: { readonly firstTokenMs: number; readonly tokensPerSecond: number };
  /** Its tokens and the one that ended it, if one did; with {@link ExplainOptions.explain}. */
  readonly explanation?: readonly ExplainedToken[];
}

/** A variant that is not there. */
export interface Missing {
  /** With which seed it was written last. */
  readonly seed: number;
  /** The rules that it broke, as in {@link Check}, or `"near-copy"` of another: the same opening, or half of its words. */
  readonly reason: string;
}

/** The variants of one call, best first (by {@link Copy.score}), with those that are missing. */
export type Copies = readonly Copy[] & { readonly missing: readonly Missing[] };

/** The GPU that writes. */
export interface AdapterInfo {
  /** Its name, as far as the browser tells. */
  readonly name: string;
  readonly vendor: string;
  readonly architecture: string;
  /** The interface underneath. */
  readonly backend: string;
  /** There is no GPU behind it; the processor does its work, slowly. */
  readonly software: boolean;
  /** 16-bit floats are in use. */
  readonly f16: boolean;
}

/** What the engine has done since it was made, and the GPU memory that it holds now. */
export interface Counters {
  readonly submits: number;
  readonly passes: number;
  readonly dispatches: number;
  readonly buffers: number;
  readonly bindGroups: number;
  readonly pipelines: number;
  readonly readbacks: number;
  readonly uploadedBytes: number;
  readonly downloadedBytes: number;
  /** Bytes of weights that kernels have read. */
  readonly weightBytes: number;
  /** Tokens of prompts that were computed; those that a prompt shares with the last one are not computed again. */
  readonly prefilledRows: number;
  /** Steps whose rules were walked on the CPU, since their tables are too large for the GPU: one readback each. */
  readonly maskedSteps: number;
  /** Bytes of GPU buffers held now. */
  readonly gpuBytes: number;
  /** Most bytes of GPU buffers held at a time. */
  readonly peakGpuBytes: number;
  /** Bytes of the module's own memory, which never shrinks. The model's weights are not in it. */
  readonly heapBytes: number;
}
