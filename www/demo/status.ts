import { byId } from "./dom";

/** The strip above the proofs, the two notices below it, and the line that a screen reader hears. */
export class Status {
  readonly #state = byId("state", HTMLParagraphElement);
  readonly #live = byId("live", HTMLParagraphElement);
  readonly #progress = byId("progress", HTMLProgressElement);
  readonly #without = byId("without", HTMLDivElement);
  readonly #trouble = byId("trouble", HTMLDivElement);

  /** What is going on now, for the eye only. */
  say(text: string): void {
    this.#state.textContent = text;
  }

  /** What is heard too: starts and ends, nothing between. */
  announce(text: string): void {
    this.say(text);
    this.#live.textContent = text;
  }

  /** How much of the model is here, 0 to 1; nothing when there is nothing under way. */
  progress(loaded: number | undefined): void {
    this.#progress.classList.toggle("idle", loaded === undefined);
    this.#progress.value = loaded ?? 0;
    if (loaded !== undefined)
      this.say(loaded < 1 ? `Loading the model, ${Math.floor(100 * loaded)} %` : "Preparing the model");
  }

  adapter(name: string, software: boolean): void {
    byId("adapter", HTMLSpanElement).textContent = name;
    byId("software", HTMLSpanElement).hidden = !software;
  }

  figures(tokensPerSecond: number, firstTokenMs: number): void {
    byId("speed", HTMLElement).textContent = Number.isFinite(tokensPerSecond)
      ? `${tokensPerSecond.toFixed(tokensPerSecond < 10 ? 1 : 0)} tokens/s`
      : "–";
    byId("first", HTMLElement).textContent = Number.isFinite(firstTokenMs) ? `${Math.round(firstTokenMs)} ms` : "–";
  }

  memory(bytes: number): void {
    byId("memory", HTMLElement).textContent = `${(bytes / 1e6).toFixed(1)} MB`;
  }

  /** There is no WebGPU: says why, as far as the page can tell. */
  without(reason: string): void {
    byId("without-reason", HTMLParagraphElement).textContent = reason;
    this.#without.hidden = false;
    this.#progress.parentElement?.classList.add("plain");
    this.progress(undefined);
    this.say("Examples only");
  }

  trouble(title: string, text: string): void {
    byId("trouble-title", HTMLHeadingElement).textContent = title;
    byId("trouble-text", HTMLParagraphElement).textContent = text;
    this.#trouble.hidden = false;
  }

  clear(): void {
    this.#trouble.hidden = true;
  }
}
