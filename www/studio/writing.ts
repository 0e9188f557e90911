import type { Status } from "../demo/status";
import { missing, savesData, titles } from "../demo/session";
import { check } from "../src/check";
import { Copywright } from "../src/index";
import type { Brief, Copies, Counters } from "../src/types";
import type { Shared } from "./share";
import { sources } from "./sources";
import type { Variant } from "./variant";

/** What one press of Write asks for. */
export type Order = Omit<Shared, "brief"> & { readonly explain?: true };

/** What the studio is told. */
export interface Listeners {
  /** Whether something is under way; at the end of it too. */
  busy(busy: boolean): void;
  /** A model is in the engine. What is done then is waited for. */
  ready(writer: Copywright): Promise<void>;
  /** Variants have passed. */
  written(brief: Brief, copies: Copies, variants: readonly Variant[]): void;
}

/** The writer as the studio uses it: loaded once, one writing at a time, stopped at will. */
export class Writing {
  /** Whether this browser can write at all, as far as is known. */
  possible = true;
  busy = false;
  /** Where the model is kept: nowhere, until the visitor agrees. */
  storage: "none" | "auto" = "none";
  readonly #status: Status;
  readonly #on: Listeners;
  #writer: Promise<Copywright> | undefined;
  #controller = new AbortController();
  #loading: AbortController | undefined;

  constructor(status: Status, on: Listeners) {
    this.#status = status;
    this.#on = on;
  }

  /** Looks whether writing is possible, and if so fetches the model, unless the visitor saves data. */
  async start(): Promise<void> {
    this.#status.clear();
    if ((await Copywright.availability({ storage: this.storage })) === "unavailable")
      return this.#impossible(missing());
    if (savesData()) return this.#status.say("Ready. The model is fetched when you write.");
    await this.#open().then(
      () => this.#status.say("Ready"),
      (error: unknown) => this.#report(error),
    );
  }

  /** Begins anew with another way of keeping the model. */
  async keep(storage: "none" | "auto"): Promise<void> {
    const before = this.#writer;
    this.storage = storage;
    this.#writer = undefined;
    await this.start();
    void before?.then((writer) => writer.destroy()).catch(() => undefined);
  }

  /** Writes onto these variants. Resolves to what the brief lacks, if it was refused. */
  async write(brief: Brief, variants: readonly Variant[], order: Order): Promise<string | undefined> {
    this.#busy(true);
    this.#status.clear();
    this.#controller = new AbortController();
    const { signal } = this.#controller;
    variants.forEach((variant, at) => variant.note(`seed ${order.seed + at}, a draft`));
    try {
      const writer = await this.#open();
      signal.throwIfAborted();
      this.#status.announce(`Writing ${order.n} variants`);
      variants.forEach((variant) => variant.begin());
      const copies = await writer.variants(brief, {
        ...order,
        signal,
        onDraft: ({ index, text }) => (text ? variants[index]?.append(text) : variants[index]?.set("")),
      });
      for (const [at, copy] of copies.entries()) {
        variants[at]?.finish(copy, await sources(copy.text, brief, check).catch(() => []));
      }
      copies.missing.forEach(({ seed, reason }, at) => {
        variants[copies.length + at]?.missing(
          `No text was good enough. The last one, with seed ${seed}: ${words(reason)}.`,
        );
      });
      const { timing } = copies[0] ?? {};
      if (timing) this.#status.figures(timing.tokensPerSecond, timing.firstTokenMs);
      void this.#weigh(writer);
      this.#status.announce(`Finished ${copies.length} variants`);
      this.#on.written(brief, copies, variants);
      return undefined;
    } catch (error) {
      for (const variant of variants) {
        variant.end();
        if (variant.text) variant.note("stopped: a draft that nobody has checked");
      }
      return this.#report(error);
    } finally {
      this.#busy(false);
    }
  }

  /** Ends what is under way; drafts that are there stay. */
  stop(): void {
    this.#controller.abort();
    this.#loading?.abort();
  }

  #open(): Promise<Copywright> {
    if (this.#writer) return this.#writer;
    const loading = (this.#loading = new AbortController());
    this.#writer = Copywright.create({
      storage: this.storage,
      signal: loading.signal,
      monitor: (monitor) => {
        monitor.addEventListener("downloadprogress", (event) => this.#status.progress(event.loaded));
      },
    }).then(
      async (writer) => {
        this.#loading = undefined;
        this.#status.progress(undefined);
        this.#status.adapter(writer.adapter.name || "A graphics card without a name", writer.adapter.software);
        void this.#weigh(writer);
        await this.#on.ready(writer);
        return writer;
      },
      (error: unknown) => {
        this.#loading = undefined;
        this.#writer = undefined;
        this.#status.progress(undefined);
        throw error;
      },
    );
    return this.#writer;
  }

  async #weigh(writer: Copywright): Promise<void> {
    const counters = await writer.counters().catch(() => undefined);
    if (counters) document.getElementById("memory")?.replaceChildren(weight(counters));
  }

  #report(error: unknown): string | undefined {
    const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
    if (name === "AbortError") {
      this.#status.announce("Stopped. Drafts stay, unchecked.");
    } else if (name === "NotSupportedError" && !this.#writer) {
      this.#impossible(message);
    } else {
      const title = titles[name] ?? "That did not work";
      this.#status.announce(title);
      this.#status.trouble(title, message);
    }
    return name === "TypeError" ? message : undefined;
  }

  #impossible(reason: string): void {
    this.possible = false;
    this.#status.without(reason);
    this.#on.busy(false);
  }

  #busy(busy: boolean): void {
    this.busy = busy;
    this.#on.busy(busy);
  }
}

/** Why a variant is missing. */
function words(reason: string): string {
  return reason === "near-copy" ? "nearly a copy of another" : `breaks ${reason}`;
}

/** GPU memory at its highest, and the module's own. */
function weight({ peakGpuBytes, heapBytes }: Counters): string {
  const mega = (bytes: number): string => (bytes / 1e6).toFixed(1);
  return `${mega(peakGpuBytes)} + ${mega(heapBytes)} MB`;
}
