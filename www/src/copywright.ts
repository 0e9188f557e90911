/** The public class. Its shape is that of the web's Writer API; what a writer does happens in a worker. */

import type { ChatCompletion, ChatCompletionChunk, ChatRequest } from "./chat-types";
import { answerStream } from "./completion";
import { Host } from "./host";
import { opened } from "./opened";
import { checkWriter, engineOptions, modelSource, writes } from "./options";
import type { ModelInfo, ModelSource, Ready } from "./protocol";
import { lockName, Shelf, stored } from "./shelf";
import { address } from "./source";
import type {
  AdapterInfo,
  Availability,
  CallOptions,
  Completion,
  CompletionChunk,
  CompletionRequest,
  Copies,
  Copy,
  CoreOptions,
  Counters,
  CreateOptions,
  Delta,
  ExplainedText,
  ExplainOptions,
  Format,
  Input,
  Missing,
  PartialBrief,
  StoredModel,
  Tone,
  VariantsOptions,
  WriteOptions,
} from "./types";

/** What the engine answers. */
interface Written {
  readonly copies: readonly Copy[];
  readonly missing: readonly Missing[];
}

/** Guards the constructor: a writer without an engine would be of no use. */
const inside = Symbol("Copywright");
let clients = 0;

/** Writes marketing copy on the visitor's own GPU. Made by {@link Copywright.create}. */
export class Copywright {
  /** Tone of briefs that name none. */
  readonly tone: Tone;
  /** Format of briefs that name none; `undefined` when every brief must name its own. */
  readonly format: Format | undefined;
  /** What all briefs of this writer have in common. */
  readonly sharedContext: PartialBrief;
  /** The GPU that writes. */
  readonly adapter: AdapterInfo;
  /** The model, as its manifest names it. */
  readonly model: ModelInfo;
  /** Tokens that an input may have. */
  readonly inputQuota: number;
  readonly #host: Host;
  readonly #client = ++clients;
  readonly #defaults: PartialBrief;
  readonly #life = new AbortController();

  /** @internal */
  constructor(guard: symbol, host: Host, ready: Ready, options: CreateOptions) {
    if (guard !== inside) throw new TypeError("Illegal constructor: use Copywright.create()");
    const { tone, format, language, sharedContext = {} } = options;
    this.#host = host;
    this.adapter = Object.freeze(ready.adapter);
    this.model = Object.freeze(ready.model);
    this.inputQuota = ready.inputQuota;
    this.tone = tone ?? sharedContext.tone ?? "plain";
    this.format = format ?? sharedContext.format;
    this.sharedContext = Object.freeze(structuredClone(sharedContext));
    this.#defaults = {
      ...this.sharedContext,
      ...(tone && { tone }),
      ...(format && { format }),
      ...(language && { language }),
    };
  }

  /**
   * Whether a writer with these options can be created: `"available"` when its engine is ready or all of its model is on
   * this device, `"downloading"` while it is being made or another tab fetches its model, `"downloadable"` when that
   * needs a download, `"unavailable"` without WebGPU, without the precision asked for, or when the model does not write
   * the language.
   *
   * @throws TypeError for a bad option, RangeError for a malformed language tag.
   */
  static async availability(options: CoreOptions = {}): Promise<Availability> {
    const engine = engineOptions(options);
    checkWriter(options);
    const host = Host.find(engine);
    if (host?.open) {
      return writes((await host.ready).model.languages, options.language) ? "available" : "unavailable";
    }
    const { powerPreference } = engine;
    const adapter = await navigator.gpu?.requestAdapter(powerPreference ? { powerPreference } : {}).catch(() => null);
    if (!adapter) return "unavailable";
    if (engine.precision === "f16" && !adapter.features.has("shader-f16")) return "unavailable";
    const { model, storage } = engine;
    const shelf = await new Shelf(storage, model.key).open();
    const here = model.local !== undefined || shelf.complete(model.manifest);
    if (options.language !== undefined) {
      const known = model.manifest ?? (here ? shelf.index?.manifest : undefined);
      const languages = await (known === undefined
        ? declared(model)
        : (JSON.parse(known) as Partial<ModelInfo>).languages);
      if (!languages || !writes(languages, options.language)) return "unavailable";
    }
    if (host) return "downloading";
    if (here) return "available";
    const locks = storage === "none" ? undefined : await navigator.locks.query().catch(() => undefined);
    return locks?.held?.some(({ name }) => name === lockName(model.key)) ? "downloading" : "downloadable";
  }

  /** The models that are kept on this device, of all pages of this origin. */
  static stored(): Promise<readonly StoredModel[]> {
    return stored();
  }

  /**
   * Deletes what is kept of a model, after a download of it that is under way. Writers that have it keep writing.
   *
   * @throws TypeError for a bad option.
   */
  static async remove(options: Pick<CoreOptions, "model" | "base"> = {}): Promise<void> {
    const { key } = modelSource(options);
    await navigator.locks.request(lockName(key), async () => {
      for (const storage of ["opfs", "cache"] as const) await (await new Shelf(storage, key).open()).remove();
    });
  }

  /**
   * Makes a writer: fetches and checks the model unless another writer has, and compiles the shaders.
   *
   * @throws TypeError (a bad option), RangeError (a malformed language tag), NotSupportedError (no WebGPU; a model,
   * precision or language that is not supported), NetworkError, DataError (a damaged file), QuotaExceededError,
   * OperationError (the GPU failed), or the signal's reason.
   */
  static async create(options: CreateOptions = {}): Promise<Copywright> {
    const engine = engineOptions(options);
    checkWriter(options);
    const { signal, language } = options;
    const check = ({ model: { languages } }: Ready): void => {
      if (writes(languages, language)) return;
      const problem = `language: ${language} is not one that this model writes (${languages.join(", ")})`;
      throw new DOMException(problem, "NotSupportedError");
    };
    return opened(engine, options, check, (host, ready) => {
      const writer = new Copywright(inside, host, ready, options);
      signal?.addEventListener("abort", () => writer.#end(signal.reason), { once: true, signal: writer.#life.signal });
      return writer;
    });
  }

  /**
   * Writes one text, which keeps the brief's rules. An empty string gives an empty string. With `explain` the text comes
   * with its explanation.
   *
   * @throws ConstraintError, which names the rules, when no text kept them in {@link WriteOptions.attempts}.
   */
  write(input: Input, options: WriteOptions & Required<ExplainOptions<true>>): Promise<ExplainedText>;
  write(input: Input, options?: WriteOptions & ExplainOptions<false>): Promise<string>;
  async write(input: Input, options: WriteOptions & ExplainOptions = {}): Promise<string | ExplainedText> {
    const [copy] = await this.variants(input, options);
    const text = copy?.text ?? "";
    return options.explain ? { text, explanation: copy?.explanation ?? [] } : text;
  }

  /**
   * Writes one text and gives its pieces; together they are what {@link Copywright.write} gives. Nothing of a text comes
   * before it has passed its checks, unless it is `unconstrained`: what was shown cannot be taken back.
   * Cancelling the stream ends the work.
   *
   * @throws the signal's reason, at once, when it is aborted already.
   */
  writeStreaming(input: Input, options: WriteOptions = {}): ReadableStream<string> {
    options.signal?.throwIfAborted();
    return this.#stream(options.signal, (signal, controller) =>
      this.variants(input, { ...options, signal, onDelta: ({ text }) => controller.enqueue(text) }),
    );
  }

  /**
   * Writes several texts in one batch: they share the prompt, and each weight is read once for all of them. All keep the
   * brief's rules, and no two are near-copies; those that are missing for that are in `missing`.
   *
   * @throws ConstraintError when none keeps the rules.
   */
  async variants(input: Input, options: VariantsOptions = {}): Promise<Copies> {
    const { signal, onDelta, onDraft, ...rest } = options;
    const both = this.#alive(signal);
    for (const [name, on] of Object.entries({ onDelta, onDraft }))
      if (on !== undefined && typeof on !== "function") throw new TypeError(`${name} is not a function`);
    if (empty(input)) return Object.assign([], { missing: [] });
    const work = {
      kind: "write",
      ...this.#asked(input),
      options: defined({ ...rest, drafts: onDraft && true }),
    } as const;
    const { copies, missing } = await this.#host.call<Written>(this.#client, work, both, onDraft ?? onDelta);
    if (onDraft) copies.forEach(({ text }, index) => onDelta?.({ index, text }));
    return Object.assign(copies, { missing });
  }

  /** Continues a text, in the shape of OpenAI's completions. */
  complete(
    request: CompletionRequest & { readonly stream: true },
    options?: CallOptions,
  ): ReadableStream<CompletionChunk>;
  complete(request: CompletionRequest & { readonly stream?: false | null }, options?: CallOptions): Promise<Completion>;
  complete(
    request: CompletionRequest,
    options: CallOptions = {},
  ): Promise<Completion> | ReadableStream<CompletionChunk> {
    return this.#answer<Completion, CompletionChunk>("complete", request, options);
  }

  /**
   * The next turn of a conversation, in the shape of OpenAI's chat completions. The prompt is made by the model's own
   * chat template; what the messages say is data in it, whatever it looks like.
   *
   * @throws NotSupportedError for a model without a chat template (`writer.model.chat` is false), TypeError for messages
   * that are none or that the template refuses, DataError for a template that fails, and as {@link Copywright.complete}.
   */
  chat(request: ChatRequest & { readonly stream: true }, options?: CallOptions): ReadableStream<ChatCompletionChunk>;
  chat(request: ChatRequest & { readonly stream?: false | null }, options?: CallOptions): Promise<ChatCompletion>;
  chat(request: ChatRequest, options: CallOptions = {}): Promise<ChatCompletion> | ReadableStream<ChatCompletionChunk> {
    return this.#answer<ChatCompletion, ChatCompletionChunk>("chat", request, options);
  }

  /** Tokens of the prompt that an input becomes; at most {@link Copywright.inputQuota} fit. */
  async measureInputUsage(input: Input, options: CallOptions = {}): Promise<number> {
    const both = this.#alive(options.signal);
    if (empty(input)) return 0;
    return this.#host.call<number>(this.#client, { kind: "measure", ...this.#asked(input) }, both);
  }

  /** What the engine has done since it was made, and the GPU memory that it holds now. */
  async counters(): Promise<Counters> {
    return this.#host.call<Counters>(this.#client, { kind: "counters" }, this.#alive(undefined));
  }

  /** Ends all calls of this writer with an AbortError. The last writer of an engine frees its memory. */
  destroy(): void {
    this.#end(new DOMException("the writer was destroyed", "AbortError"));
  }

  /** One answer, or a stream of its chunks. */
  #answer<A extends Completion | ChatCompletion, C extends CompletionChunk | ChatCompletionChunk>(
    kind: "complete" | "chat",
    request: CompletionRequest | ChatRequest,
    options: CallOptions,
  ): Promise<A> | ReadableStream<C> {
    const { stream, stream_options: extra, ...rest } = request;
    const run = (signal: AbortSignal | undefined, onDelta?: (delta: Delta) => void): Promise<A> =>
      // An async function turns what is thrown at once into a rejection.
      (async () => {
        const both = this.#alive(signal);
        return this.#host.call<A>(this.#client, { kind, request: defined(rest) }, both, onDelta);
      })();
    if (!stream) return run(options.signal);
    options.signal?.throwIfAborted();
    const text = kind === "complete" ? (request as CompletionRequest) : undefined;
    return this.#stream<C>(options.signal, (signal, controller) =>
      answerStream(
        this.model,
        text,
        extra?.include_usage === true,
        controller as ReadableStreamDefaultController<CompletionChunk | ChatCompletionChunk>,
        (onDelta) => run(signal, onDelta),
      ),
    );
  }

  #end(reason: unknown): void {
    if (this.#life.signal.aborted) return;
    this.#life.abort(reason);
    this.#host.release();
  }

  /** A brief over this writer's defaults. What a plain text says is found out in the worker, so it goes as it is. */
  #asked(input: Input): { readonly input: unknown; readonly defaults: PartialBrief } {
    if (typeof input === "string") return { input, defaults: this.#defaults };
    if (typeof input !== "object" || input === null) throw new TypeError("the input is neither a brief nor a string");
    return { input: { ...this.#defaults, ...defined(input) }, defaults: {} };
  }

  /** The call's signal and the writer's end in one. */
  #alive(signal: AbortSignal | undefined): AbortSignal {
    if (this.#life.signal.aborted) throw new DOMException("the writer was destroyed", "InvalidStateError");
    if (signal === undefined) return this.#life.signal;
    if (!(signal instanceof AbortSignal)) throw new TypeError("signal is not an AbortSignal");
    return AbortSignal.any([signal, this.#life.signal]);
  }

  /** A stream over work that enqueues as it goes. Cancelling ends the work, without an error. */
  #stream<T>(
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal, controller: ReadableStreamDefaultController<T>) => Promise<unknown>,
  ): ReadableStream<T> {
    const cancel = new AbortController();
    const both = signal ? AbortSignal.any([signal, cancel.signal]) : cancel.signal;
    return new ReadableStream<T>({
      start(controller) {
        work(both, controller).then(
          // A stream that was cancelled is closed already.
          () => cancel.signal.aborted || controller.close(),
          (error: unknown) => controller.error(error),
        );
      },
      cancel(reason) {
        cancel.abort(reason);
      },
    });
  }
}

/** The languages that a model's own manifest names. */
async function declared(model: ModelSource): Promise<readonly string[] | undefined> {
  const [folder] = model.folders;
  if (folder === undefined) return undefined;
  try {
    const response = await fetch(model.files?.["manifest.json"] ?? address(folder, "manifest.json"));
    return response.ok ? ((await response.json()) as Partial<ModelInfo>).languages : undefined;
  } catch {
    return undefined;
  }
}

function empty(input: Input): boolean {
  return typeof input === "string" && input.trim() === "";
}

/** Options without those that are `undefined` or `null`: both mean absent. */
function defined(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined && value !== null));
}
