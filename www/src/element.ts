/**
 * `<copy-wright>`: the page's own copy, and better text in its place once there is some that keeps all rules and fits.
 * Importing this defines the element; the engine is fetched only when an element begins.
 *
 * @packageDocumentation
 */

import { announce } from "./element/announce";
import { briefOf, LATER, number, OBSERVED, PROPERTIES, reflect } from "./element/attributes";
import { agreed, changes, closed, interestGiven, visitorSeed } from "./element/gates";
import { expected, Pool, unreachable, type Written } from "./element/pool";
import { Fallback, reasonOf } from "./element/reasons";
import { languageOf, Slot } from "./element/slot";
import type { CopyDetail, CopyWrightEventMap, FallbackDetail, Proposal, Reason, Step } from "./element/types";
import { loaded, near, parsed, savesData } from "./element/when";
import type { Brief, PartialBrief } from "./types";

export { erase, setConsent, setInterest } from "./element/gates";
export type * from "./element/types";
export type { Brief, Check, PartialBrief } from "./types";

/** Milliseconds that a step may take where `timeout` says nothing. */
const PATIENCE = 30_000;
/** Texts to choose from where `variants` says nothing: small models break rules. */
const CHOICES = 4;
/** Batches that the engine writes until one text keeps all rules. */
const ROUNDS = 2;

/** Servers that render pages have no elements; the module may be loaded there all the same. */
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement;

/** What ends a run that another has taken the place of. */
const superseded = Symbol("superseded");

/** The element. See the README for its attributes. */
export class CopyWright extends Base {
  static readonly observedAttributes: readonly string[] = OBSERVED;

  #internals: ElementInternals | undefined;
  #brief: PartialBrief | undefined;
  #context: PartialBrief["context"];
  #ladder: readonly Step[] | undefined;
  #run: AbortController | undefined;
  #slot: Slot | undefined;
  #shown: Proposal | undefined;
  #proposal: Proposal | undefined;
  /** The brief that the last run was for. */
  #asked: string | undefined;
  #pool: Pool | undefined;
  #due = false;
  #force = false;
  #refused = false;

  constructor() {
    super();
    this.#internals = this.attachInternals?.();
  }

  /** The brief; what it has goes over what attributes say. */
  get brief(): PartialBrief | undefined {
    return this.#brief;
  }
  set brief(brief: PartialBrief | undefined) {
    this.#brief = brief ?? undefined;
    this.#changed();
  }

  /** Whom it is for at this moment. An interest counts only with consent to personalisation. */
  get context(): PartialBrief["context"] {
    return this.#context;
  }
  set context(context: PartialBrief["context"]) {
    this.#context = context ?? undefined;
    this.#changed();
  }

  /** Who may write; the engine alone when absent. As an attribute: the names of steps, with spaces between them. */
  get ladder(): readonly Step[] {
    if (this.#ladder) return this.#ladder;
    const names = (this.getAttribute("ladder") ?? "engine").split(/\s+/).filter(Boolean);
    return names.map((name) => (name === "engine" || name === "prompt-api" ? name : { endpoint: name }));
  }
  set ladder(ladder: readonly Step[] | string | undefined) {
    const names = typeof ladder === "string" ? ladder : undefined;
    this.#ladder = typeof ladder === "string" ? undefined : (ladder ?? undefined);
    if (names !== undefined) this.setAttribute("ladder", names);
    this.#changed();
  }

  /** The text that was proposed last, shown or not, with all that is known of it. */
  get proposal(): Proposal | undefined {
    return this.#proposal;
  }

  /** Whether a text is being fetched or written. */
  get busy(): boolean {
    return this.#run !== undefined && this.#pool !== undefined;
  }

  connectedCallback(): void {
    for (const property of ["brief", "context", ...PROPERTIES]) this.#upgrade(property);
    changes.addEventListener("change", this.#onGates);
    if (this.#asked === undefined) this.#begin();
  }

  disconnectedCallback(): void {
    // Moved within the page, it goes on.
    queueMicrotask(() => {
      if (this.isConnected) return;
      changes.removeEventListener("change", this.#onGates);
      this.#stop();
      if (!this.#shown) this.#asked = undefined;
    });
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before !== after && !LATER.includes(name)) this.#changed();
  }

  /**
   * Writes now, whatever `loading` says, and again if there is a text already. When a person asked for it, what comes is
   * announced. True when a text was put in place.
   */
  write(): Promise<boolean> {
    const person = navigator.userActivation?.isActive === true;
    return this.#attempt({ person, wait: false });
  }

  /** The page's own copy again. */
  restore(): void {
    this.#stop();
    this.#empty();
  }

  /** What was set before this class was known lies on the object and hides the property. */
  #upgrade(property: string): void {
    if (!Object.hasOwn(this, property)) return;
    const self = this as unknown as Record<string, unknown>;
    const value = self[property];
    delete self[property];
    self[property] = value;
  }

  readonly #onGates = (): void => {
    const open = closed(this.getAttribute("consent")).length === 0;
    // What was refused and still is has said so.
    if (open || !this.#refused) this.#changed(open === this.#refused);
  };

  /** What is to be written is something else now: it begins anew in the next moment, once. */
  #changed(force = false): void {
    // What has not begun will see for itself.
    if (this.#asked === undefined) return;
    this.#force ||= force;
    if (this.#due) return;
    this.#due = true;
    queueMicrotask(() => {
      const again = this.#force || this.#key() !== this.#asked;
      this.#due = this.#force = false;
      if (!again || !this.isConnected) return;
      this.restore();
      this.#begin();
    });
  }

  #begin(): void {
    if (!this.#run) void this.#attempt({ person: false, wait: true });
  }

  #stop(): void {
    this.#run?.abort(superseded);
    this.#rest();
  }

  /** No run any more. */
  #rest(): void {
    this.#run = undefined;
    expected.delete(this);
    this.#pool?.leave(this);
    this.#pool = undefined;
    this.removeAttribute("aria-busy");
    this.#internals?.states?.delete("busy");
  }

  #empty(): void {
    if (!this.#shown) return;
    this.#slot?.restore();
    this.#shown = undefined;
    this.removeAttribute("data-ai-generated");
  }

  /** What is to be written, as far as the visitor agreed. */
  #wanted(): Brief {
    const brief = { ...briefOf(this), ...this.#brief };
    const { interest = interestGiven(), ...context } = { ...brief.context, ...this.#context };
    const language = brief.language ?? languageOf(this);
    return {
      ...brief,
      ...(language && { language }),
      context: { ...context, ...(interest && agreed("personalisation") && { interest }) },
    } as Brief;
  }

  #key(): string {
    return JSON.stringify([this.#wanted(), this.getAttribute("model"), this.getAttribute("seed"), this.ladder]);
  }

  /** One run: from waiting for its turn to a text in place, or one `copy-fallback`. */
  async #attempt({ person, wait }: { readonly person: boolean; readonly wait: boolean }): Promise<boolean> {
    this.#run?.abort(superseded);
    const run = (this.#run = new AbortController());
    const { signal } = run;
    expected.add(this);
    try {
      await parsed();
      if (wait) await this.#turn(signal);
      signal.throwIfAborted();
      this.#asked = this.#key();
      this.#refused = closed(this.getAttribute("consent")).length > 0;
      const stop: Reason | false = this.#refused ? "consent" : !person && savesData() && "save-data";
      if (stop) return this.#fall([{ step: "engine", reason: stop }]);
      this.#internals?.states?.add("busy");
      return await this.#descend(signal, person);
    } catch (error) {
      // Another run, or nobody, has taken its place: that one has the last word.
      if (signal.aborted) return false;
      return this.#fall([{ step: "engine", reason: this.#explain(error) }]);
    } finally {
      if (this.#run === run) this.#rest();
    }
  }

  /** Waits until the page is there and, unless it is eager, the visitor is near. */
  async #turn(signal: AbortSignal): Promise<void> {
    const eager = this.getAttribute("loading") === "eager";
    if (eager) return;
    await loaded();
    await near(new Slot(this).shown, signal);
  }

  /** Asks one step after the other. */
  async #descend(signal: AbortSignal, person: boolean): Promise<boolean> {
    const failed: { step: Proposal["source"]; reason: Reason }[] = [];
    const brief = this.#wanted();
    for (const step of this.ladder) {
      const source = typeof step === "string" ? step : "text" in step ? "text" : "endpoint";
      const patience = number(this, "timeout") ?? PATIENCE;
      // It bounds the writing alone: a text that is there may wait for the place to be free.
      const both = patience > 0 ? AbortSignal.any([signal, AbortSignal.timeout(patience)]) : signal;
      try {
        if (step === "engine") await this.#engine(brief, both, signal, person);
        else {
          this.#write(both);
          const { ask } = await import("./ladder").catch(unreachable);
          const proposals = await ask(step, brief, { n: this.#choices, signal: both });
          await this.#choose(proposals, brief.language ?? "", signal, person);
        }
        return true;
      } catch (error) {
        if (signal.aborted) throw error;
        failed.push({ step: source, reason: this.#explain(error) });
      }
    }
    return this.#fall(failed);
  }

  get #choices(): number {
    return Math.min(8, Math.max(1, number(this, "variants") || CHOICES));
  }

  /** The engine's texts, in batches with seeds that follow each other. */
  async #engine(brief: Brief, both: AbortSignal, signal: AbortSignal, person: boolean): Promise<void> {
    const pool = (this.#pool ??= Pool.of(this.getAttribute("model")));
    pool.enter(this);
    const n = this.#choices;
    const asked = this.getAttribute("seed");
    const place = this.id || `${brief.format} ${brief.name}`;
    const visitor = asked === "visitor";
    // A person who asks again wants another text.
    const again = person && this.#shown?.source === "engine" ? this.#shown.seed : undefined;
    const first = visitor ? visitorSeed(place) : asked === null ? undefined : Number(asked);
    for (let round = 0; ; round += 1) {
      const base = again === undefined ? first : again + 1;
      const written: Written = await pool.write({
        brief,
        seed: base === undefined ? undefined : (base + round * n) % 2 ** 32,
        n,
        temperature: number(this, "temperature"),
        signal: both,
        onProgress: (loaded) => this.#tell("copy-progress", { loaded }),
        onWriting: () => this.#write(both),
      });
      const personalised = brief.context?.interest !== undefined;
      const proposals = written.copies.map(({ text, checks, model, seed }): Proposal => {
        return { text, checks, model, seed, source: "engine", personalised };
      });
      try {
        return await this.#choose(proposals, written.language, signal, person);
      } catch (error) {
        const other = error instanceof Fallback && ["checks", "fit"].includes(error.reason);
        if (!other || round + 1 >= ROUNDS || both.aborted) throw error;
      }
    }
  }

  #write(signal: AbortSignal): void {
    if (!signal.aborted) this.setAttribute("aria-busy", "true");
  }

  /** Puts the first text in place that keeps all rules and fits, once nobody is at the place. */
  async #choose(proposals: readonly Proposal[], language: string, signal: AbortSignal, person: boolean): Promise<void> {
    for (const proposal of proposals) this.#tell("copy-variant", detail(proposal));
    const good = proposals.filter(({ checks }) => checks.every(({ pass }) => pass));
    if (good.length === 0) throw new Fallback("checks");
    // What was written by us is no measure of the place: the page's own copy is.
    const strict = this.getAttribute("reveal") !== "any";
    const slot = this.#shown && this.#slot ? this.#slot : new Slot(this);
    await slot.free(signal);
    signal.throwIfAborted();
    const former = this.#shown;
    this.#empty();
    const back = (reason: Reason): never => {
      if (former) this.#show(slot, former, language, strict);
      throw new Fallback(reason);
    };
    const fitting = good.find(({ text }) => slot.put(text, language, strict));
    if (!fitting) return back("fit");
    slot.restore();
    this.#proposal = fitting;
    if (!this.#tell("copy-beforeswap", detail(fitting), true)) return back("declined");
    // A listener may have changed the page.
    signal.throwIfAborted();
    if (!this.#show(slot, fitting, language, strict)) return back("fit");
    slot.fade();
    if (person) announce(fitting.text, language);
    this.removeAttribute("aria-busy");
    this.#tell("copy-ready", detail(fitting));
  }

  #show(slot: Slot, proposal: Proposal, language: string, strict: boolean): boolean {
    if (!slot.put(proposal.text, language, strict)) return false;
    this.#slot = slot;
    this.#shown = proposal;
    this.setAttribute("data-ai-generated", "true");
    return true;
  }

  /** The reason, and for a mistake of the page's own what is wrong, where its author looks. */
  #explain(error: unknown): Reason {
    const reason = reasonOf(error);
    if (reason === "brief" || reason === "failed") console.warn(`<copy-wright>: ${String(error)}`);
    return reason;
  }

  #fall(steps: FallbackDetail["steps"]): false {
    const reason = steps[0]?.reason ?? "unsupported";
    this.#tell("copy-fallback", { reason, steps });
    return false;
  }

  /** False when a listener declined. */
  #tell(type: keyof CopyWrightEventMap, detail: unknown, cancelable = false): boolean {
    return this.dispatchEvent(new CustomEvent(type, { bubbles: true, composed: true, cancelable, detail }));
  }
}

/** What an event may say of a text. */
function detail({ text, checks, source, model, personalised }: Proposal): CopyDetail {
  const kept = checks.map(({ rule, pass }) => ({ rule, pass }));
  return { source, model, personalised, ...(!personalised && { text }), checks: kept };
}

/** Properties that reflect attributes. */
export interface CopyWright {
  format: string | null;
  name: string | null;
  brand: string | null;
  category: string | null;
  features: string | null;
  audience: string | null;
  tone: string | null;
  language: string | null;
  must: string | null;
  never: string | null;
  maxChars: number | undefined;
  loading: string | null;
  reveal: string | null;
  consent: string | null;
  timeout: number | undefined;
  seed: string | null;
  variants: number | undefined;
  temperature: number | undefined;
  model: string | null;
}
reflect(CopyWright.prototype);

if (globalThis.customElements && !customElements.get("copy-wright")) customElements.define("copy-wright", CopyWright);

declare global {
  interface HTMLElementTagNameMap {
    "copy-wright": CopyWright;
  }
  interface HTMLElementEventMap extends CopyWrightEventMap {}
}
