import { Copywright } from "../src/index";
import type { Copy, Counters, CreateOptions } from "../src/types";
import type { Status } from "./status";

/** What is said of errors, by their names. */
const titles: Readonly<Record<string, string>> = {
  NetworkError: "The model could not be fetched",
  DataError: "The model’s files are damaged",
  QuotaExceededError: "The brief is too long for the model",
  OperationError: "The graphics card gave up",
  NotSupportedError: "The model cannot do that",
  ConstraintError: "No text kept the rules of the brief",
  TypeError: "The brief needs a change",
};

/** The writer of a page: loaded once, one writing at a time, stopped at will. What is written where is each page's own. */
export abstract class Desk {
  /** Whether this browser can write at all, as far as is known. */
  possible = true;
  busy = false;
  protected readonly status: Status;
  readonly #turn: (busy: boolean) => void;
  readonly #stopped: string;
  #writer: Promise<Copywright> | undefined;
  #controller = new AbortController();
  /** Of the creation, while it is under way: what ends a creation later on destroys the writer. */
  #loading: AbortController | undefined;

  /** `turn` is told whether something is under way, at the end of it too; `stopped` is said of what was stopped. */
  constructor(status: Status, turn: (busy: boolean) => void, stopped: string) {
    this.status = status;
    this.#turn = turn;
    this.#stopped = stopped;
  }

  /** Looks whether writing is possible, and if so fetches the model, unless the visitor saves data. */
  async start(): Promise<void> {
    this.status.clear();
    if ((await Copywright.availability(this.options())) === "unavailable") return this.#impossible(missing());
    if (savesData()) return this.status.say("Ready. The model is fetched when you write.");
    await this.open().then(
      () => this.status.say("Ready"),
      (error: unknown) => this.#report(error),
    );
  }

  /** Ends what is under way; the text that is there stays. */
  stop(): void {
    this.#controller.abort();
    this.#loading?.abort();
  }

  /** Where the model is kept. */
  protected options(): Pick<CreateOptions, "storage"> {
    return {};
  }

  /** A model is in the engine. What is done then is waited for. */
  protected async ready(): Promise<void> {}

  /** Shows what the engine holds. */
  protected abstract held(counters: Counters): void;

  /** Every copy of a batch carries the figures of the whole batch. */
  protected figures([copy]: readonly Copy[]): void {
    if (copy) this.status.figures(copy.timing.tokensPerSecond, copy.timing.firstTokenMs);
  }

  /** One writing. Resolves to what the brief lacks, if it was refused; `undo` is called when it failed or was stopped. */
  protected async during(
    work: (signal: AbortSignal) => Promise<Copywright>,
    undo: () => void,
  ): Promise<string | undefined> {
    this.#busy(true);
    this.status.clear();
    this.#controller = new AbortController();
    try {
      void this.#weigh(await work(this.#controller.signal));
      return undefined;
    } catch (error) {
      undo();
      return this.#report(error);
    } finally {
      this.#busy(false);
    }
  }

  /** The writer; made at the first call, and again after a failure. */
  protected open(): Promise<Copywright> {
    if (this.#writer) return this.#writer;
    const loading = (this.#loading = new AbortController());
    this.#writer = Copywright.create({
      ...this.options(),
      signal: loading.signal,
      monitor: (monitor) => {
        monitor.addEventListener("downloadprogress", (event) => this.status.progress(event.loaded));
      },
    }).then(
      async (writer) => {
        this.#loading = undefined;
        this.status.progress(undefined);
        this.status.adapter(writer.adapter.name || "A graphics card without a name", writer.adapter.software);
        void this.#weigh(writer);
        await this.ready();
        return writer;
      },
      (error: unknown) => {
        this.#loading = undefined;
        this.#writer = undefined;
        this.status.progress(undefined);
        throw error;
      },
    );
    return this.#writer;
  }

  /**
   * Makes a writer by other options, and destroys the one that was there; where that fails, says why and goes on with the old
   * one. Whether there is another. Nothing may be under way.
   */
  protected async exchange(): Promise<boolean> {
    const before = this.#writer;
    this.#writer = undefined;
    this.status.clear();
    try {
      await this.open();
    } catch (error) {
      this.#writer ??= before;
      this.#report(error);
      return false;
    }
    if (!this.busy) this.status.say("Ready");
    void before?.then((writer) => writer.destroy()).catch(() => undefined);
    return true;
  }

  /** A figure that cannot be had is left as it was. */
  async #weigh(writer: Copywright): Promise<void> {
    const counters = await writer.counters().catch(() => undefined);
    if (counters) this.held(counters);
  }

  /** Says what went wrong. Resolves to the message when it is the brief that must change. */
  #report(error: unknown): string | undefined {
    const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
    if (name === "AbortError") {
      this.status.announce(this.#stopped);
    } else if (name === "NotSupportedError" && !this.#writer) {
      this.#impossible(message);
    } else {
      const title = titles[name] ?? "That did not work";
      this.status.announce(title);
      this.status.trouble(title, message);
    }
    return name === "TypeError" ? message : undefined;
  }

  #impossible(reason: string): void {
    this.possible = false;
    this.status.without(reason);
    this.#turn(false);
  }

  #busy(busy: boolean): void {
    this.busy = busy;
    this.#turn(busy);
  }
}

/** Why there is no WebGPU, as far as a page can tell. */
function missing(): string {
  if (!isSecureContext)
    return "This page came over an insecure connection. Browsers offer WebGPU on https and on localhost only.";
  if (!("gpu" in navigator)) return "This browser does not offer WebGPU to pages, or has it switched off.";
  return "The browser knows WebGPU, but found no graphics card that it may use.";
}

function savesData(): boolean {
  const { connection } = navigator as Navigator & { readonly connection?: { readonly saveData?: boolean } };
  return connection?.saveData === true;
}
