import { copyFrom, isOn, make, turn, within } from "./dom";
import type { Format } from "./formats";
import { draw, measure } from "./ruler";

/** What a check found, as a result carries it. */
export interface Chip {
  readonly rule: string;
  readonly pass: boolean;
  readonly detail: string;
}

/** One proof on the board: a text that grows, its ruler, its seed, and what the checks say of it. */
export class Proof {
  readonly element: HTMLLIElement;
  readonly title: string;
  readonly #format: Format;
  #text = "";

  constructor(title: string, format: Format) {
    this.title = title;
    const template = document.getElementById("proof") as HTMLTemplateElement;
    this.element = within(template.content.cloneNode(true) as DocumentFragment, "li", HTMLLIElement);
    this.#format = format;
    this.#part(".ordinal").textContent = title;
    this.#part(".sizer").textContent = filler(format);
    this.#part(".ruler").setAttribute("aria-label", `Length of ${title}`);
    this.element.dataset["size"] = format.max <= 60 ? "short" : format.max <= 180 ? "medium" : "long";
    const copy = this.#copy;
    copy.setAttribute("aria-label", `Copy ${title}`);
    copy.addEventListener("click", () => {
      if (isOn(copy)) void copyFrom(copy, this.#text);
    });
    this.#show();
  }

  get text(): string {
    return this.#text;
  }

  /** A line on the right of the title: the seed, how it ended. */
  note(text: string): void {
    this.#part(".origin").textContent = text;
  }

  /** The question or the interest that the text answers. */
  asked(text: string): void {
    const line = this.#part(".asked");
    line.textContent = text;
    line.hidden = text === "";
  }

  /** The proof can tell why it reads as it does: its button calls `on`. */
  explained(on: () => void): void {
    const button = this.#why;
    button.setAttribute("aria-label", `Explain ${this.title}`);
    button.hidden = false;
    button.addEventListener("click", on);
  }

  /** Whether it is this proof that is explained. */
  choose(chosen: boolean): void {
    this.#why.setAttribute("aria-pressed", String(chosen));
  }

  begin(): void {
    this.element.classList.add("writing");
    within(this.element, "article", HTMLElement).setAttribute("aria-busy", "true");
  }

  append(delta: string): void {
    this.#text += delta;
    this.#show();
  }

  /** The whole text, when it is known better than by its pieces. */
  set(text: string): void {
    this.#text = text;
    this.#show();
  }

  /** No more text comes. */
  end(chips: readonly Chip[]): void {
    this.element.classList.remove("writing");
    within(this.element, "article", HTMLElement).removeAttribute("aria-busy");
    turn(this.#copy, this.#text !== "");
    const text = this.#part(".text");
    if (text.scrollHeight > text.clientHeight + 1) text.tabIndex = 0;
    const counted = chips.flatMap((chip) => (chip.rule === "length" ? [parseInt(chip.detail, 10)] : []))[0];
    if (counted !== undefined && Number.isFinite(counted)) this.#draw(counted);
    this.#part(".chips").replaceChildren(
      ...chips.map((chip) => {
        // The ruler says the length already.
        const detail = chip.rule === "length" ? "" : `: ${chip.detail}`;
        return make("li", { class: chip.pass ? "pass" : "fail" }, `${chip.pass ? "✓" : "✗"} ${chip.rule}${detail}`);
      }),
    );
  }

  #show(): void {
    const [lead, rest] = this.#format.parts > 1 ? halves(this.#text) : ["", this.#text];
    this.#part(".text").replaceChildren(...(lead ? [make("span", { class: "lead" }, lead)] : []), rest);
    this.#draw(measure(this.#text, this.#format));
  }

  #draw(count: number): void {
    draw(this.#part(".ruler"), this.#part(".count"), count, this.#format);
    this.element.classList.toggle("over", count > this.#format.max);
  }

  get #copy(): HTMLButtonElement {
    return within(this.element, ".copy", HTMLButtonElement);
  }

  get #why(): HTMLButtonElement {
    return within(this.element, ".why", HTMLButtonElement);
  }

  #part(selector: string): HTMLElement {
    return within(this.element, selector, HTMLElement);
  }
}

/** The first line, and everything from its end on. */
function halves(text: string): [string, string] {
  const at = text.indexOf("\n");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at)];
}

/** As much text as the format allows, with room for the line breaks that such a text has. It is never seen. */
function filler(format: Format): string {
  const words = "a line of words that runs on about as wide as real ones do, and then ";
  const text = words.repeat(Math.ceil(format.max / words.length)).slice(0, format.max);
  if (format.parts > 1) return `${text.slice(0, Math.ceil(format.max / 3))}\n${text.slice(Math.ceil(format.max / 3))}`;
  return format.max < 500 ? text : text.replace(/(.{170}\S*) /g, "$1\n\n");
}
