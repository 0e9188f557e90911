import { Copywright } from "../src/index";
import type { Brief, Copy } from "../src/types";
import type { Board } from "./board";
import type { Explained } from "./explained";
import type { Format } from "./formats";
import type { Proof } from "./proof";
import type { Sampling } from "./settings";
import type { Status } from "./status";

/** What one press of Write asks for. */
export interface Order extends Sampling {
  readonly n: number;
  readonly seed: number;
  /** Each word with its probability, and what else could have come. */
  readonly explain?: boolean;
}

/** The writer as the page uses it: loaded once, one writing at a time, stopped at will. */
export class Session {
  /** Whether this browser can write at all, as far as is known. */
  possible = true;
  busy = false;
  readonly #status: Status;
  readonly #board: Board;
  readonly #explained: Explained;
  readonly #turn: (busy: boolean) => void;
  #writer: Promise<Copywright> | undefined;
  #controller = new AbortController();
  /** Of the creation, while it is under way: what ends a creation later on destroys the writer. */
  #loading: AbortController | undefined;

  constructor(status: Status, board: Board, explained: Explained, turn: (busy: boolean) => void) {
    this.#status = status;
    this.#board = board;
    this.#explained = explained;
    this.#turn = turn;
  }

  /** Looks whether writing is possible, and if so fetches the model, unless the visitor saves data. */
  async start(): Promise<void> {
    this.#status.clear();
    if ((await Copywright.availability()) === "unavailable") return this.#impossible(missing());
    if (savesData()) return this.#status.say("Ready. The model is fetched when you write.");
    await this.#open().then(
      () => this.#status.say("Ready"),
      (error: unknown) => this.#report(error),
    );
  }

  lay(count: number, format: Format): readonly Proof[] {
    this.#explained.clear();
    return this.#board.lay(count, format);
  }

  /** Writes, onto new proofs. Resolves to what the brief lacks, if it was refused. */
  async write(brief: Brief, format: Format, order: Order): Promise<string | undefined> {
    this.#busy(true);
    this.#status.clear();
    this.#controller = new AbortController();
    const proofs = this.lay(order.n, format);
    proofs.forEach((proof, at) => proof.note(`seed ${order.seed + at}`));
    try {
      const writer = await this.#open();
      this.#controller.signal.throwIfAborted();
      this.#status.announce(order.n === 1 ? "Writing" : `Writing ${order.n} variants`);
      proofs.forEach((proof) => proof.begin());
      const copies = await writer.variants(brief, {
        ...order,
        signal: this.#controller.signal,
        onDraft: ({ index, text }) => (text ? proofs[index]?.append(text) : proofs[index]?.set("")),
      });
      copies.forEach((copy, at) => {
        const proof = proofs[at];
        if (!proof) return;
        finish(proof, copy);
        this.#explained.offer(proof, copy);
      });
      copies.missing.forEach(({ seed, reason }, at) => {
        proofs[copies.length + at]?.note(`seed ${seed}, left out: ${reason}`);
        proofs[copies.length + at]?.end([]);
      });
      this.#measure(copies);
      void this.#weigh(writer);
      this.#status.announce(copies.length === 1 ? "Finished" : `Finished ${copies.length} variants`);
      return undefined;
    } catch (error) {
      proofs.forEach((proof, at) => {
        proof.end([]);
        if (proof.text) proof.note(`seed ${order.seed + at}, stopped`);
      });
      return this.#report(error);
    } finally {
      this.#busy(false);
    }
  }

  /** Ends what is under way; the text that is there stays. */
  stop(): void {
    this.#controller.abort();
    this.#loading?.abort();
  }

  /** The writer; made at the first call, and again after a failure. */
  #open(): Promise<Copywright> {
    if (this.#writer) return this.#writer;
    const loading = (this.#loading = new AbortController());
    this.#writer = Copywright.create({
      signal: loading.signal,
      monitor: (monitor) => {
        monitor.addEventListener("downloadprogress", (event) => this.#status.progress(event.loaded));
      },
    }).then(
      (writer) => {
        this.#loading = undefined;
        this.#status.progress(undefined);
        this.#status.adapter(writer.adapter.name || "A graphics card without a name", writer.adapter.software);
        void this.#weigh(writer);
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

  /** Every copy of a batch carries the figures of the whole batch. */
  #measure([copy]: readonly Copy[]): void {
    if (copy) this.#status.figures(copy.timing.tokensPerSecond, copy.timing.firstTokenMs);
  }

  /** Shows what the engine holds. A figure that cannot be had is left as it was. */
  async #weigh(writer: Copywright): Promise<void> {
    const counters = await writer.counters().catch(() => undefined);
    if (counters) this.#status.memory(counters.gpuBytes);
  }

  /** Says what went wrong. Resolves to the message when it is the brief that must change. */
  #report(error: unknown): string | undefined {
    const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
    if (name === "AbortError") {
      this.#status.announce("Stopped. What was written stays.");
    } else if (name === "NotSupportedError" && !this.#writer) {
      this.#impossible(message);
    } else {
      this.#status.announce(titles[name] ?? "That did not work");
      this.#status.trouble(titles[name] ?? "That did not work", message);
    }
    return name === "TypeError" ? message : undefined;
  }

  #impossible(reason: string): void {
    this.possible = false;
    this.#status.without(reason);
    this.#turn(false);
  }

  #busy(busy: boolean): void {
    this.busy = busy;
    this.#turn(busy);
  }
}

/** What is said of errors, by their names. */
export const titles: Readonly<Record<string, string>> = {
  NetworkError: "The model could not be fetched",
  DataError: "The model’s files are damaged",
  QuotaExceededError: "The brief is too long for the model",
  OperationError: "The graphics card gave up",
  NotSupportedError: "The model cannot do that",
  ConstraintError: "No text kept the rules of the brief",
  TypeError: "The brief needs a change",
};

function finish(proof: Proof, copy: Copy): void {
  proof.set(copy.text);
  proof.note(`seed ${copy.seed}${copy.finishReason === "length" ? ", cut at the token limit" : ""}`);
  proof.end(copy.checks);
}

/** Why there is no WebGPU, as far as a page can tell. */
export function missing(): string {
  if (!isSecureContext)
    return "This page came over an insecure connection. Browsers offer WebGPU on https and on localhost only.";
  if (!("gpu" in navigator)) return "This browser does not offer WebGPU to pages, or has it switched off.";
  return "The browser knows WebGPU, but found no graphics card that it may use.";
}

export function savesData(): boolean {
  const { connection } = navigator as Navigator & { readonly connection?: { readonly saveData?: boolean } };
  return connection?.saveData === true;
}
