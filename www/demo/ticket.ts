import { byId, make, radios, within } from "./dom";
import { Facts } from "./facts";
import { formats, type Format } from "./formats";
import type { Brief } from "../src/types";

/** Everything that the brief's form holds. Empty strings and lists are left out of the brief. */
export interface Ticket {
  readonly format: string;
  readonly tone: string;
  readonly name: string;
  readonly brand: string;
  readonly category: string;
  readonly features: readonly string[];
  readonly facts: readonly (readonly [string, string])[];
  readonly audience: string;
  readonly interest: string;
  readonly question: string;
}

const tones = ["plain", "warm", "playful", "premium", "bold", "formal"];
const texts = ["name", "brand", "category", "audience", "interest", "question"] as const;

/** The brief's form: fills it, reads it, and shows only the questions that the chosen format asks. */
export class TicketForm {
  readonly form = byId("ticket", HTMLFormElement);
  readonly #facts = new Facts();

  constructor() {
    const longest = Math.max(...formats.map((format) => format.max));
    radios(
      byId("formats", HTMLDivElement),
      "format",
      formats.map((format) => {
        const face = make("span", {}, format.title, " ", make("i", {}, String(format.max)));
        face.style.setProperty("--share", `${(100 * format.max) / longest}%`);
        return { value: format.id, face };
      }),
    );
    radios(
      byId("tones", HTMLDivElement),
      "tone",
      tones.map((tone) => ({ value: tone, face: make("span", {}, capital(tone)) })),
    );
    this.form.addEventListener("change", () => this.#ask());
    this.form.addEventListener("input", (event) => {
      if (event.target instanceof HTMLElement) event.target.removeAttribute("aria-invalid");
    });
  }

  fill(ticket: Ticket): void {
    this.#choose("format", ticket.format);
    this.#choose("tone", ticket.tone);
    for (const name of texts) this.#input(name).value = ticket[name];
    this.#features.value = ticket.features.join("\n");
    this.#facts.set(ticket.facts);
    this.#ask();
  }

  get format(): Format {
    const id = new FormData(this.form).get("format");
    const found = formats.find((format) => format.id === id) ?? formats[0];
    if (!found) throw new Error("the list of formats is empty");
    return found;
  }

  /** The brief as the writer takes it: only what was filled in, and only the context that the format reads. */
  brief(): Brief {
    const value = (name: (typeof texts)[number]): string => this.#input(name).value.trim();
    const brief: Record<string, unknown> = { format: this.format.id, name: value("name") };
    for (const name of ["brand", "category"] as const) if (value(name)) brief[name] = value(name);
    const features = this.#features.value
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean);
    if (features.length) brief["features"] = features;
    const facts = this.#facts.get();
    if (facts.length) brief["facts"] = Object.fromEntries(facts);
    if (value("audience")) brief["audience"] = value("audience");
    brief["tone"] = new FormData(this.form).get("tone");
    for (const [id, field] of asked)
      if (this.format.id === id && value(field)) brief["context"] = { [field]: value(field) };
    return brief as unknown as Brief;
  }

  /** Marks the field that an error names first, if it names one, and goes there. */
  point(message: string): void {
    const field = /\b(name|brand|category|features|facts|audience|interest|question)\b/.exec(message)?.[1];
    const input =
      field && this.form.querySelector<HTMLElement>(field === "facts" ? "#facts input" : `[name="${field}"]`);
    if (!input) return;
    input.setAttribute("aria-invalid", "true");
    input.focus();
  }

  get #features(): HTMLTextAreaElement {
    return within(this.form, 'textarea[name="features"]', HTMLTextAreaElement);
  }

  #input(name: string): HTMLInputElement {
    return within(this.form, `input[name="${name}"]`, HTMLInputElement);
  }

  #choose(name: string, value: string): void {
    within(this.form, `input[name="${name}"][value="${value}"]`, HTMLInputElement).checked = true;
  }

  #ask(): void {
    for (const [id, field] of asked) byId(`${field}-field`, HTMLLabelElement).hidden = this.format.id !== id;
  }
}

/** The formats that read more than the product, and what they read. */
export const asked = [
  ["recommendation", "interest"],
  ["support-reply", "question"],
] as const;

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
