/** What the page and the worker say to each other. Every call has an id; answers carry it back. */

import type { AdapterInfo, Counters, Delta } from "./types";

/** Where models are kept. */
export type Storage = "none" | "opfs" | "cache" | "auto";

/** Where a model comes from. */
export interface ModelSource {
  /** What tells it from others: its address, or a number for what lies on the visitor's disk. */
  readonly key: string;
  /** A name, for models that say none themselves. */
  readonly name: string;
  /** Its folder and the mirrors of that, absolute, with a slash at the end of the path. */
  readonly folders: readonly string[];
  /** Addresses of files that are not where the folder says, by their names: bundlers give files names of their own. */
  readonly files: Readonly<Record<string, string>> | undefined;
  /** Name of the GGUF file, for such models. */
  readonly file: string | undefined;
  /** The manifest, where the page gives it. */
  readonly manifest: string | undefined;
  /** A file or folder on the visitor's disk. */
  readonly local: File | FileSystemHandle | undefined;
}

/** What decides which engine is used. Equal ones share a worker. */
export interface EngineOptions {
  readonly model: ModelSource;
  readonly storage: Storage;
  /** Milliseconds. */
  readonly stallTimeout: number;
  readonly precision: "auto" | "f32" | "f16";
  readonly quantize: "none" | "q8" | "q4";
  readonly powerPreference: "low-power" | "high-performance" | undefined;
  readonly maxGpuBytes: number | undefined;
  /** For embeddings; `maxTokens` of a text count, 0 for as many as the model takes. */
  readonly encoder?: { readonly maxTokens: number };
}

/** What the page must know of a model. */
export interface ModelInfo {
  readonly name: string;
  readonly version: string;
  readonly languages: readonly string[];
  /** Whether it has a chat template. */
  readonly chat: boolean;
}

/** The worker is ready to write. */
export interface Ready {
  readonly adapter: AdapterInfo;
  readonly model: ModelInfo;
  readonly inputQuota: number;
  /** Numbers of an embedding, and tokens of a text that count; 0 of a model that writes. */
  readonly encoder: { readonly dimensions: number; readonly maxTokens: number };
}

/** Work that goes through the queue. */
export type Work =
  | { readonly kind: "write"; readonly input: unknown; readonly defaults: unknown; readonly options: object }
  | { readonly kind: "complete"; readonly request: object }
  | { readonly kind: "chat"; readonly request: object }
  | { readonly kind: "embed"; readonly texts: readonly string[] }
  | { readonly kind: "measure"; readonly input: unknown; readonly defaults: unknown }
  | { readonly kind: "counters" };

/** From the page. `checked`: this page has seen the adapter pass the self-check under these options, with or without f16. `client` is the writer that asks: writers take turns. */
export type ToWorker =
  | { readonly type: "open"; readonly options: EngineOptions; readonly checked: boolean | undefined }
  | { readonly type: "call"; readonly id: number; readonly client: number; readonly work: Work }
  | { readonly type: "cancel"; readonly id: number }
  | { readonly type: "close" };

/** An exception on its way through a message. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly requested?: number;
  readonly quota?: number;
}

/** From the worker. */
export type FromWorker =
  | { readonly type: "progress"; readonly loaded: number }
  | { readonly type: "ready"; readonly ready: Ready }
  | { readonly type: "failed"; readonly failure: Failure }
  | { readonly type: "delta"; readonly id: number; readonly delta: Delta }
  | { readonly type: "done"; readonly id: number; readonly value: unknown }
  | { readonly type: "error"; readonly id: number; readonly failure: Failure };

/** A {@link Counters} call has no other answer than this. */
export type CountersAnswer = Counters;
