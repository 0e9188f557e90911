import { copyFrom, isOn, make, turn } from "../demo/dom";
import type { Format } from "../demo/formats";
import { heatmap } from "../demo/heatmap";
import { draw, measure } from "../demo/ruler";
import type { Brief, Check, Copy, ExplainedToken } from "../src/types";
import { preview, type Preview } from "./preview";
import type { Field, Sourced } from "./sources";

/** What somebody does with a number: looks at it, or goes to where it comes from. */
export interface Pointing {
  show(fields: readonly Field[]): void;
  hide(): void;
  go(fields: readonly Field[]): void;
}

/** Names of the rules, as short as a chip. */
const RULES: Readonly<Record<string, string>> = {
  length: "Length",
  parts: "Lines",
  name: "Name",
  must: "Must say",
  never: "Never say",
  number: "Numbers",
  claim: "Claims",
  ending: "Ending",
  markup: "Plain text",
};

/** One variant: its text where it will be read, how long it is, and what the checks say. */
export class Variant {
  readonly element: HTMLLIElement;
  text = "";
  copy: Copy | undefined;
  readonly #format: Format;
  readonly #pointing: Pointing;
  readonly #preview: Preview;
  readonly #article: HTMLElement;
  readonly #origin = make("p", { class: "origin" });
  readonly #count = make("p", { class: "count" });
  readonly #ruler = make("div", { class: "ruler", role: "meter", "aria-valuemin": "0" });
  readonly #chips = make("ul", { class: "chips" });
  readonly #copyButton = make("button", { type: "button", class: "copy" }, "Copy");
  readonly #why = make("div", { class: "why-words" });

  constructor(title: string, brief: Brief, format: Format, pointing: Pointing) {
    this.#format = format;
    this.#pointing = pointing;
    this.#preview = preview(brief);
    this.#ruler.setAttribute("aria-label", `Length of ${title}`);
    this.#copyButton.setAttribute("aria-label", `Copy ${title}`);
    this.#copyButton.addEventListener("click", () => {
      if (isOn(this.#copyButton)) void copyFrom(this.#copyButton, this.text);
    });
    const place = make("p", { class: "place" }, this.#preview.place);
    const head = make("header", {}, make("h3", { class: "ordinal" }, title), place, this.#origin);
    const meter = make("div", { class: "measure" }, this.#count, this.#ruler);
    const foot = make("footer", {}, this.#why, this.#copyButton);
    this.#article = make("article", {}, head, this.#preview.element, meter, this.#chips, foot);
    this.element = make("li", { class: "variant" }, this.#article);
    turn(this.#copyButton, false);
    this.#show();
  }

  /** A line on the right of the title. */
  note(text: string): void {
    this.#origin.textContent = text;
  }

  begin(): void {
    this.element.classList.add("draft");
    this.#article.setAttribute("aria-busy", "true");
  }

  append(delta: string): void {
    this.text += delta;
    this.#show();
  }

  set(text: string): void {
    this.text = text;
    this.#show();
  }

  /** No more text comes. */
  end(checks: readonly Check[] = []): void {
    this.element.classList.remove("draft");
    this.#article.removeAttribute("aria-busy");
    turn(this.#copyButton, this.text !== "");
    const length = checks.find(({ rule }) => rule === "length");
    // The engine's own count, which knows how the platform counts.
    const [counted, most] = length?.detail.match(/\d+/g)?.map(Number) ?? [];
    if (counted !== undefined) this.#draw(counted, most);
    this.#chips.replaceChildren(...checks.map(chip));
  }

  /** The checked text, with its numbers as ways to their sources. */
  finish(copy: Copy, numbers: readonly Sourced[]): void {
    this.copy = copy;
    this.text = copy.text;
    this.#show(numbers);
    this.note(`seed ${copy.seed}${copy.attempts > 1 ? `, attempt ${copy.attempts}` : ""}`);
    this.end(copy.checks);
    if (copy.explanation) this.#explain(copy.explanation);
  }

  /** What each token was chosen from; drawn when somebody asks. */
  #explain(tokens: readonly ExplainedToken[]): void {
    const map = make("div");
    const details = make("details", {}, make("summary", {}, "Why these words"), map);
    details.addEventListener("toggle", () => details.open && heatmap(map, tokens), { once: true });
    this.#why.replaceChildren(details);
  }

  /** No text of this one was good enough: nothing is shown in its place. */
  missing(words: string): void {
    this.set("");
    this.end();
    this.element.classList.add("missing");
    this.note("left out");
    this.#preview.element.replaceWith(make("p", { class: "why-missing" }, words));
  }

  #show(numbers: readonly Sourced[] = []): void {
    const { slots } = this.#preview;
    const cut = slots.length > 1 ? this.text.indexOf("\n") : -1;
    const ends = cut < 0 ? [this.text.length] : [cut, this.text.length];
    let start = 0;
    slots.forEach((slot, i) => {
      const end = ends[i] ?? start;
      slot.replaceChildren(...this.#piece(start, end, numbers));
      start = Math.min(this.text.length, end + (cut < 0 ? 0 : 1));
    });
    this.#draw(measure(this.text, this.#format));
  }

  #draw(count: number, max = this.#format.max): void {
    draw(this.#ruler, this.#count, count, { ...this.#format, max });
    this.element.classList.toggle("over", count > max);
  }

  /** Text from `start` to `end`, its numbers as buttons. Text is text, whatever it looks like. */
  #piece(start: number, end: number, numbers: readonly Sourced[]): (Node | string)[] {
    const all: (Node | string)[] = [];
    let at = start;
    for (const number of numbers) {
      if (number.start < at || number.end > end || number.fields.length === 0) continue;
      all.push(this.text.slice(at, number.start), this.#number(number));
      at = number.end;
    }
    all.push(this.text.slice(at, end));
    return all;
  }

  #number({ start, end, fields }: Sourced): HTMLElement {
    const labels = fields.map(({ label }) => label).join(", ");
    const button = make("button", { type: "button", class: "number" }, this.text.slice(start, end));
    button.append(make("span", { class: "hidden" }, `, from ${labels}`));
    button.title = `From ${labels}`;
    const { show, hide, go } = this.#pointing;
    for (const event of ["pointerenter", "focus"]) button.addEventListener(event, () => show(fields));
    for (const event of ["pointerleave", "blur"]) button.addEventListener(event, () => hide());
    button.addEventListener("click", () => go(fields));
    return button;
  }
}

/** A chip: the rule, whether it is kept, and what was found where that says more. */
function chip({ rule, pass, detail }: Check): HTMLLIElement {
  const name = RULES[rule] ?? rule;
  const shown = pass && !["length", "parts", "must", "never"].includes(rule) ? "" : `: ${detail}`;
  const words = pass ? "kept" : "broken";
  return make(
    "li",
    { class: pass ? "pass" : "fail" },
    make("span", { "aria-hidden": "true" }, pass ? "✓ " : "✗ "),
    name + shown,
    make("span", { class: "hidden" }, `, ${words}${shown ? "" : `: ${detail}`}`),
  );
}
