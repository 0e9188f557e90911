/** Texts to vectors, by an encoder in a worker. */

import type { Host } from "./host";
import { opened } from "./opened";
import { checkWriter, engineOptions } from "./options";
import type { ModelInfo, Ready } from "./protocol";
import type { AdapterInfo, CallOptions, CoreOptions, CreateOptions } from "./types";

/** How to create an embedder. */
export interface EmbedderOptions extends Omit<CoreOptions, "language">, Pick<CreateOptions, "signal" | "monitor"> {
  /** The encoder: a BERT or MiniLM. There is none in this package. */
  readonly model: NonNullable<CoreOptions["model"]>;
  /**
   * Tokens of a text that count, the two that BERT puts around it among them; what comes behind is cut off. As many as
   * the model has positions, and at most 512, when absent. Models from sentence-transformers are made for fewer: see
   * `max_seq_length` in their `sentence_bert_config.json`.
   */
  readonly maxTokens?: number;
}

const inside = Symbol("Embedder");
let clients = 0;

/** Makes vectors of texts on the visitor's own GPU: those of similar texts point the same way. */
export class Embedder {
  /** The GPU that computes. */
  readonly adapter: AdapterInfo;
  /** The model, as its manifest names it. */
  readonly model: ModelInfo;
  /** Numbers of an embedding. */
  readonly dimensions: number;
  /** Tokens of a text that count. */
  readonly maxTokens: number;
  readonly #host: Host;
  readonly #client = ++clients;
  readonly #life = new AbortController();

  /** @internal */
  constructor(guard: symbol, host: Host, ready: Ready) {
    if (guard !== inside) throw new TypeError("Illegal constructor: use Embedder.create()");
    this.#host = host;
    this.adapter = Object.freeze(ready.adapter);
    this.model = Object.freeze(ready.model);
    this.dimensions = ready.encoder.dimensions;
    this.maxTokens = ready.encoder.maxTokens;
  }

  /**
   * Makes an embedder: fetches and checks the model unless another embedder has, and compiles the shaders.
   *
   * @throws as `Copywright.create()`; NotSupportedError for a model that is no encoder.
   */
  static async create(options: EmbedderOptions): Promise<Embedder> {
    const { model, maxTokens = 0, signal } = options;
    if (model === undefined) throw new TypeError("model: an embedder has no default");
    if (options.maxTokens !== undefined && !(Number.isSafeInteger(maxTokens) && maxTokens > 0 && maxTokens < 2 ** 31)) {
      throw new TypeError(`maxTokens: ${String(maxTokens)} is not a whole number above 0`);
    }
    const engine = { ...engineOptions(options), encoder: { maxTokens } };
    checkWriter(options);
    return opened(
      engine,
      options,
      () => undefined,
      (host, ready) => {
        const made = new Embedder(inside, host, ready);
        signal?.addEventListener("abort", () => made.#end(signal.reason), { once: true, signal: made.#life.signal });
        return made;
      },
    );
  }

  /**
   * A vector of length one for each text: the mean of what the model makes of its tokens. The scalar product of two of
   * them is their cosine. What else is in a call changes no bit of a vector.
   *
   * @throws TypeError for what are no texts, OperationError (the GPU failed), or the signal's reason.
   */
  async embed(texts: readonly string[], { signal }: CallOptions = {}): Promise<Float32Array[]> {
    if (this.#life.signal.aborted) throw new DOMException("the embedder was destroyed", "InvalidStateError");
    if (!Array.isArray(texts) || !texts.every((text) => typeof text === "string")) {
      throw new TypeError("texts is not an array of strings");
    }
    if (signal !== undefined && !(signal instanceof AbortSignal)) throw new TypeError("signal is not an AbortSignal");
    const both = signal ? AbortSignal.any([signal, this.#life.signal]) : this.#life.signal;
    return this.#host.call<Float32Array[]>(this.#client, { kind: "embed", texts }, both);
  }

  /** Ends all calls of this embedder with an AbortError. The last embedder of an engine frees its memory. */
  destroy(): void {
    this.#end(new DOMException("the embedder was destroyed", "AbortError"));
  }

  #end(reason: unknown): void {
    if (this.#life.signal.aborted) return;
    this.#life.abort(reason);
    this.#host.release();
  }
}
