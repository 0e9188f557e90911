import type { Brief, Copy, Counters } from "../src/types";
import type { Board } from "./board";
import { Desk } from "./desk";
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
  /** No rules while it writes: the checks then say what breaks. */
  readonly unconstrained?: boolean;
}

/** The writer as the demo uses it: onto proofs on its board. */
export class Session extends Desk {
  readonly #board: Board;
  readonly #explained: Explained;

  constructor(status: Status, board: Board, explained: Explained, turn: (busy: boolean) => void) {
    super(status, turn, "Stopped. What was written stays.");
    this.#board = board;
    this.#explained = explained;
  }

  lay(count: number, format: Format): readonly Proof[] {
    this.#explained.clear();
    return this.#board.lay(count, format);
  }

  /** Writes, onto new proofs. Resolves to what the brief lacks, if it was refused. */
  async write(brief: Brief, format: Format, order: Order): Promise<string | undefined> {
    const proofs = this.lay(order.n, format);
    proofs.forEach((proof, at) => proof.note(`seed ${order.seed + at}`));
    return this.during(
      async (signal) => {
        const writer = await this.open();
        signal.throwIfAborted();
        this.status.announce(order.n === 1 ? "Writing" : `Writing ${order.n} variants`);
        proofs.forEach((proof) => proof.begin());
        const copies = await writer.variants(brief, {
          ...order,
          signal,
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
        this.figures(copies);
        this.status.announce(copies.length === 1 ? "Finished" : `Finished ${copies.length} variants`);
        return writer;
      },
      () =>
        proofs.forEach((proof, at) => {
          proof.end([]);
          if (proof.text) proof.note(`seed ${order.seed + at}, stopped`);
        }),
    );
  }

  protected override held({ gpuBytes }: Counters): void {
    this.status.memory(gpuBytes);
  }
}

function finish(proof: Proof, copy: Copy): void {
  proof.set(copy.text);
  proof.note(`seed ${copy.seed}${copy.finishReason === "length" ? ", cut at the token limit" : ""}`);
  proof.end(copy.checks);
}
