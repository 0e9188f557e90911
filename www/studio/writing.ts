import { Desk } from "../demo/desk";
import type { Status } from "../demo/status";
import { check } from "../src/check";
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
  ready(): Promise<void>;
  /** Variants have passed; they are what this order asked for. */
  written(brief: Brief, copies: Copies, order: Order): void;
}

/** The writer as the studio uses it: onto previews, and kept where the visitor agrees. */
export class Writing extends Desk {
  /** Where the model is kept: nowhere, until the visitor agrees. */
  storage: "none" | "auto" = "none";
  readonly #on: Listeners;

  constructor(status: Status, on: Listeners) {
    super(status, (busy) => on.busy(busy), "Stopped. Drafts stay, unchecked.");
    this.#on = on;
  }

  /** Another way of keeping the model, which takes a writer of its own. Whether it has come to that. */
  async keep(storage: "none" | "auto"): Promise<boolean> {
    const before = this.storage;
    this.storage = storage;
    const changed = await this.exchange();
    if (!changed) this.storage = before;
    return changed;
  }

  /** Writes onto these variants. Resolves to what the brief lacks, if it was refused. */
  async write(brief: Brief, variants: readonly Variant[], order: Order): Promise<string | undefined> {
    variants.forEach((variant, at) => variant.note(`seed ${order.seed + at}, a draft`));
    return this.during(
      async (signal) => {
        const writer = await this.open();
        signal.throwIfAborted();
        this.status.announce(`Writing ${order.n} variants`);
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
        this.figures(copies);
        this.status.announce(`Finished ${copies.length} variants`);
        this.#on.written(brief, copies, order);
        return writer;
      },
      () => {
        for (const variant of variants) {
          variant.end();
          if (variant.text) variant.note("stopped: a draft that nobody has checked");
        }
      },
    );
  }

  protected override options(): { readonly storage: "none" | "auto" } {
    return { storage: this.storage };
  }

  protected override ready(): Promise<void> {
    return this.#on.ready();
  }

  /** GPU memory at its highest, and the module's own. */
  protected override held({ peakGpuBytes, heapBytes }: Counters): void {
    const mega = (bytes: number): string => (bytes / 1e6).toFixed(1);
    document.getElementById("memory")?.replaceChildren(`${mega(peakGpuBytes)} + ${mega(heapBytes)} MB`);
  }
}

/** Why a variant is missing. */
function words(reason: string): string {
  return reason === "near-copy" ? "nearly a copy of another" : `breaks ${reason}`;
}
