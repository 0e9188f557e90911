import { byId, make } from "../demo/dom";
import type { Claim } from "../src/types";

/** The classes of claims that need evidence, as the rules name them, and in words. */
const CLASSES = [
  ["superlative", "best, first, only"],
  ["guarantee", "guarantee"],
  ["health", "health"],
  ["green", "environment"],
  ["scarcity", "scarcity, urgency"],
  ["comparison", "better than others"],
  ["saving", "savings"],
  ["testimonial", "what customers say"],
  ["surveillance", "“we noticed you”"],
] as const;

/** Rows of claims that may be made, each with what proves it. */
export class Claims {
  readonly #rows = byId("claims", HTMLDivElement);

  constructor() {
    byId("add-claim", HTMLButtonElement).addEventListener("click", () => this.#add("superlative", "").focus());
  }

  get(): Claim[] {
    return [...this.#rows.children].flatMap((row) => {
      const kind = row.querySelector("select")?.value ?? "";
      const evidence = row.querySelector("input")?.value.trim() ?? "";
      return evidence ? [{ class: kind, evidence }] : [];
    });
  }

  set(claims: readonly Claim[]): void {
    this.#rows.replaceChildren();
    for (const { class: kind, evidence } of claims) this.#add(kind, evidence);
  }

  #add(kind: string, evidence: string): HTMLInputElement {
    const select = make("select", {}, ...CLASSES.map(([value, words]) => make("option", { value }, words)));
    select.value = kind;
    const input = make("input", { type: "text", placeholder: "test report 4411, May 2026", autocomplete: "off" });
    input.value = evidence;
    const remove = make("button", { type: "button" }, "×");
    const row = make("div", { class: "claim" }, select, input, remove);
    remove.addEventListener("click", () => {
      row.remove();
      this.#name();
      this.#rows.dispatchEvent(new Event("input", { bubbles: true }));
      byId("add-claim", HTMLButtonElement).focus();
    });
    this.#rows.append(row);
    this.#name();
    return input;
  }

  #name(): void {
    [...this.#rows.children].forEach((row, at) => {
      row.querySelector("select")?.setAttribute("aria-label", `Claim ${at + 1}, kind`);
      row.querySelector("input")?.setAttribute("aria-label", `Claim ${at + 1}, evidence`);
      row.querySelector("button")?.setAttribute("aria-label", `Remove claim ${at + 1}`);
    });
  }
}
