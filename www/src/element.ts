/**
 * `<copy-wright>`: the page's own copy, and better text in its place once there is some that keeps all rules and fits.
 * Importing this defines the element; the engine is fetched only when an element begins.
 *
 * @module copywright/element
 */

import { briefOf, LATER, OBSERVED, PROPERTIES, reflect, type Reflected } from "./element/attributes";
import { descend } from "./element/descent";
import { tell } from "./element/events";
import { agreed, changes, closed, interestGiven } from "./element/gates";
import { expected, Pool } from "./element/pool";
import { explain } from "./element/reasons";
import { languageOf, Slot } from "./element/slot";
import { Stage } from "./element/stage";
import type { CopyWrightEventMap, FallbackDetail, Proposal, Reason, Step } from "./element/types";
import { loaded, near, parsed, savesData } from "./element/when";
import type { Brief, PartialBrief } from "./types";

export { erase, setConsent, setInterest } from "./element/gates";
export type * from "./element/types";
export type { Brief, Check, PartialBrief } from "./types";

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
  readonly #stage = new Stage(this);
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
  /** Takes the place of the last one; without one, attributes have the say. */
  set brief(brief: PartialBrief | undefined) {
    this.#brief = brief ?? undefined;
    this.#changed();
  }

  /** Whom it is for at this moment. An interest counts only with consent to personalisation. */
  get context(): PartialBrief["context"] {
    return this.#context;
  }
  /** Takes the place of the last one. */
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
  /** Names go into the attribute; steps that are objects stay with the property. */
  set ladder(ladder: readonly Step[] | string | undefined) {
    const names = typeof ladder === "string" ? ladder : undefined;
    this.#ladder = typeof ladder === "string" ? undefined : (ladder ?? undefined);
    if (names !== undefined) this.setAttribute("ladder", names);
    this.#changed();
  }

  /** The text that was proposed last, shown or not, with all that is known of it. */
  get proposal(): Proposal | undefined {
    return this.#stage.proposal;
  }

  /** Whether a text is being fetched or written. */
  get busy(): boolean {
    return this.#run !== undefined && this.#pool !== undefined;
  }

  /** @ignore */
  connectedCallback(): void {
    for (const property of ["brief", "context", ...PROPERTIES]) this.#upgrade(property);
    changes.addEventListener("change", this.#onGates);
    if (this.#asked === undefined) this.#begin();
  }

  /** @ignore */
  disconnectedCallback(): void {
    // Moved within the page, it goes on.
    queueMicrotask(() => {
      if (this.isConnected) return;
      changes.removeEventListener("change", this.#onGates);
      this.#stop();
      if (!this.#stage.shown) this.#asked = undefined;
    });
  }

  /** @ignore */
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
    this.#stage.empty();
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
      return this.#fall([{ step: "engine", reason: explain(error) }]);
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
    const stage = this.#stage;
    const failed = await descend({
      host: this,
      brief: this.#wanted(),
      ladder: this.ladder,
      signal,
      // A person who asks again wants another text.
      not: person && stage.shown?.source === "engine" ? stage.shown.seed : undefined,
      enter: () => {
        const pool = (this.#pool ??= Pool.of(this.getAttribute("model")));
        pool.enter(this);
        return pool;
      },
      choose: (proposals, language) => stage.choose(proposals, { language, person, signal }),
    });
    return failed === undefined || this.#fall(failed);
  }

  #fall(steps: FallbackDetail["steps"]): false {
    tell(this, "copy-fallback", { reason: steps[0]?.reason ?? "unsupported", steps });
    return false;
  }
}

/** Properties that reflect attributes. */
export interface CopyWright extends Reflected {}
reflect(CopyWright.prototype);

if (globalThis.customElements && !customElements.get("copy-wright")) customElements.define("copy-wright", CopyWright);

declare global {
  interface HTMLElementTagNameMap {
    "copy-wright": CopyWright;
  }
  interface HTMLElementEventMap extends CopyWrightEventMap {}
}
