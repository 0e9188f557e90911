/** What an element shows, and how another text comes into its place. */

import { announce } from "./announce";
import { detailOf, tell } from "./events";
import { Fallback } from "./reasons";
import { Slot } from "./slot";
import type { Proposal, Reason } from "./types";

/** How to put a text in place. */
export interface Choice {
  /** BCP-47 tag of the texts; empty when unknown. */
  readonly language: string;
  /** A person asked for it, and is told. */
  readonly person: boolean;
  readonly signal: AbortSignal;
}

/** The stage of one element. */
export class Stage {
  /** The text that is in place. */
  shown: Proposal | undefined;
  /** The text that was proposed last, shown or not. */
  proposal: Proposal | undefined;
  readonly #host: HTMLElement;
  #slot: Slot | undefined;

  constructor(host: HTMLElement) {
    this.#host = host;
  }

  /** The page's own copy again. */
  empty(): void {
    if (!this.shown) return;
    this.#slot?.restore();
    this.shown = undefined;
    this.#host.removeAttribute("data-ai-generated");
  }

  /**
   * Puts the first text in place that keeps all rules and fits, once nobody is at the place.
   *
   * @throws Fallback when there is none, or when a listener declined; what was there before stays.
   */
  async choose(proposals: readonly Proposal[], { language, person, signal }: Choice): Promise<void> {
    const host = this.#host;
    for (const proposal of proposals) tell(host, "copy-variant", detailOf(proposal));
    const good = proposals.filter(({ checks }) => checks.every(({ pass }) => pass));
    if (good.length === 0) throw new Fallback("checks");
    // What was written by us is no measure of the place: the page's own copy is.
    const strict = host.getAttribute("reveal") !== "any";
    const slot = this.shown && this.#slot ? this.#slot : new Slot(host);
    await slot.free(signal);
    signal.throwIfAborted();
    const former = this.shown;
    this.empty();
    const back = (reason: Reason): never => {
      if (former) this.#show(slot, former, language, strict);
      throw new Fallback(reason);
    };
    const fitting = good.find(({ text }) => slot.put(text, language, strict));
    if (!fitting) return back("fit");
    slot.restore();
    this.proposal = fitting;
    if (!tell(host, "copy-beforeswap", detailOf(fitting), true)) return back("declined");
    // A listener may have changed the page.
    signal.throwIfAborted();
    if (!this.#show(slot, fitting, language, strict)) return back("fit");
    slot.fade();
    if (person) announce(fitting.text, language);
    host.removeAttribute("aria-busy");
    tell(host, "copy-ready", detailOf(fitting));
  }

  #show(slot: Slot, proposal: Proposal, language: string, strict: boolean): boolean {
    if (!slot.put(proposal.text, language, strict)) return false;
    this.#slot = slot;
    this.shown = proposal;
    this.#host.setAttribute("data-ai-generated", "true");
    return true;
  }
}
