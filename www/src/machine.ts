/** An engine with its model. When the GPU is lost, it is made again and the text goes on where it was. */

import init, { Cancel, Engine } from "../generated/copywright";
import { adapterInfo } from "./adapter";
import { instantiate } from "./instantiate";
import { load, type Loaded } from "./load";
import type { EngineOptions, Ready, Work } from "./protocol";
import { Replay } from "./replay";
import { structured } from "./structured";
import type { AdapterInfo, Completion, Counters, Delta } from "./types";

/** How often one call may lose its GPU before it fails. */
const LIVES = 2;

/** Milliseconds in which the news of a lost GPU may come: browsers tell of what fails because of it before. */
const NEWS = 300;

/** See the module. */
export class Machine {
  readonly ready: Ready;
  /** The module itself has failed; only a new worker helps. */
  broken = false;
  readonly #options: EngineOptions;
  readonly #life: AbortSignal;
  #engine: Engine;
  #chat: Loaded["chat"];

  static async open(
    options: EngineOptions,
    checked: boolean | undefined,
    life: AbortSignal,
    progress: (loaded: number) => void,
  ): Promise<Machine> {
    await instantiate(init, new URL("./copywright_bg.wasm", import.meta.url));
    const started = await start(options, checked, life, progress);
    const { engine, model } = started;
    const [dimensions = 0, maxTokens = 0] = options.encoder ? engine.encoder() : [];
    const inputQuota = options.encoder ? maxTokens : engine.inputQuota();
    const encoder = { dimensions, maxTokens };
    const adapter = await adapterInfo(engine.adapter() as AdapterInfo, options);
    return new Machine(options, life, started, { adapter, model, inputQuota, encoder });
  }

  private constructor(options: EngineOptions, life: AbortSignal, { engine, chat }: Started, ready: Ready) {
    this.#options = options;
    this.#life = life;
    this.#engine = engine;
    this.#chat = chat;
    this.ready = ready;
  }

  close(): void {
    this.#engine.destroy();
  }

  /** Does the work. New text goes to `on`, once, however often the work has to begin again; drafts say so themselves. */
  async run(work: Work, signal: AbortSignal, on: (delta: Delta) => void): Promise<unknown> {
    const again = seeded(work);
    const replay = new Replay(on);
    const drafts = work.kind === "write" && "drafts" in work.options;
    for (let lives = LIVES; ; lives -= 1) {
      try {
        const value = await this.#once(again, signal, drafts ? on : replay.listener());
        replay.check();
        return value;
      } catch (error) {
        this.broken = error instanceof WebAssembly.RuntimeError;
        if (this.broken || signal.aborted || lives <= 0 || !(await this.#lost(error))) throw error;
        this.#engine.destroy();
        this.#engine = (await start(this.#options, undefined, this.#life, () => undefined)).engine;
      }
    }
  }

  async #lost(error: unknown): Promise<boolean> {
    if (!this.#engine.lost() && error instanceof DOMException && error.name === "OperationError") {
      await new Promise((later) => setTimeout(later, NEWS));
    }
    return this.#engine.lost();
  }

  #silent(): string {
    const { name, version } = this.ready.model;
    return `${name}@${version} has no chat template (its manifest lists no tokenizer_config.json with one, and no chat_template.jinja)`;
  }

  async #once(work: Work, signal: AbortSignal, on: (delta: Delta) => void): Promise<unknown> {
    const engine = this.#engine;
    switch (work.kind) {
      case "counters":
        return engine.counters() as Counters;
      case "measure":
        return engine.measure(work.input, work.defaults);
      case "embed":
      case "write":
      case "complete":
      case "chat": {
        signal.throwIfAborted();
        const cancel = new Cancel();
        const stop = (): void => cancel.cancel();
        signal.addEventListener("abort", stop, { once: true });
        try {
          if (work.kind === "embed") {
            const { dimensions } = this.ready.encoder;
            const all = await engine.embed([...work.texts], cancel);
            return work.texts.map((_, i) => all.slice(i * dimensions, (i + 1) * dimensions));
          }
          if (work.kind === "complete") {
            const [request, form] = await structured(work.request);
            return await engine.complete(request, on, cancel, form);
          }
          if (work.kind === "chat") {
            const chat = this.#chat;
            if (!chat) throw new DOMException(this.#silent(), "NotSupportedError");
            const [asked, form] = await structured(work.request);
            const request = chat.request(asked, engine.context());
            return chat.answer((await engine.complete(request, on, cancel, form)) as Completion);
          }
          return await engine.write(work.input, work.defaults, work.options, on, cancel);
        } finally {
          signal.removeEventListener("abort", stop);
          cancel.free();
        }
      }
    }
  }
}

/** An engine with a model. */
interface Started extends Loaded {
  readonly engine: Engine;
}

async function start(
  options: EngineOptions,
  checked: boolean | undefined,
  life: AbortSignal,
  progress: (loaded: number) => void,
): Promise<Started> {
  const { precision, powerPreference, maxGpuBytes } = options;
  const engine = await Engine.create({
    precision,
    checked,
    maxGpuBytes,
    ...(powerPreference && { powerPreference }),
  });
  try {
    if (options.encoder) engine.expectEncoder(options.encoder.maxTokens);
    return { engine, ...(await load(engine, options, life, progress)) };
  } catch (error) {
    engine.destroy();
    throw error;
  }
}

/** A seed is drawn here when the caller names none, so that a text that begins again is the same text. */
function seeded(work: Work): Work {
  const seed = (options: object): object => {
    return { seed: crypto.getRandomValues(new Uint32Array(1))[0], ...options };
  };
  if (work.kind === "write") return { ...work, options: seed(work.options) };
  if (work.kind === "complete" || work.kind === "chat") return { ...work, request: seed(work.request) };
  return work;
}
