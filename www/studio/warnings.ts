import { byId } from "../demo/dom";
import { check } from "../src/check";
import type { BriefForm } from "./brief";

/** Milliseconds without a key before the brief is looked at. */
const PAUSE = 250;

/** Says, while somebody types, when no text can keep the brief: by the engine's own rules, both sides named and marked. */
export class Warnings {
  readonly #form: BriefForm;
  readonly #box = byId("contradiction", HTMLParagraphElement);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turn = 0;

  constructor(form: BriefForm) {
    this.#form = form;
    form.ticket.form.addEventListener("input", () => this.soon());
    form.ticket.form.addEventListener("change", () => this.soon());
  }

  soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.look(), PAUSE);
  }

  /** Whether the brief stands; says why where it does not. */
  async look(): Promise<boolean> {
    clearTimeout(this.#timer);
    const turn = ++this.#turn;
    const problem = await check("A text.", this.#form.get()).then(
      () => "",
      (error: unknown) => (error instanceof TypeError ? error.message : ""),
    );
    if (turn === this.#turn) this.show(problem);
    return problem === "";
  }

  show(problem: string): void {
    for (const marked of this.#form.ticket.form.querySelectorAll("[aria-invalid]")) {
      marked.removeAttribute("aria-invalid");
      marked.removeAttribute("aria-describedby");
    }
    this.#box.hidden = problem === "";
    // The same words again would be read out again.
    const words = plain(problem);
    if (this.#box.textContent !== words) this.#box.textContent = words;
    for (const path of paths(problem)) {
      const input = this.#form.control(path)?.input;
      input?.setAttribute("aria-invalid", "true");
      input?.setAttribute("aria-describedby", "contradiction");
      const details = input?.closest("details");
      if (details) details.open = true;
    }
  }
}

/** The fields that an error names: the one it begins with, and those whose rule another breaks. Quoted terms are no fields. */
export function paths(problem: string): string[] {
  const bare = problem.replace(/"[^"]*"/g, '""');
  const first = /^(?:a key of )?(context\.\w+|facts\.[^"]+?(?= is | has )|\w+(?:\[\d+\])?)/.exec(bare)?.[1];
  const more = [...bare.matchAll(/\b(?:must|never|allow|features)\[\d+\]/g)].map(([path]) => path);
  const rest = [...(/\bname together\b/.test(bare) ? ["name"] : []), ...(/of maxChars/.test(bare) ? ["maxChars"] : [])];
  return [...new Set([...(first ? [first] : []), ...more, ...rest])];
}

const NAMES: Readonly<Record<string, string>> = {
  must: "Must say",
  never: "Never say",
  allow: "Claims, row",
  features: "Features",
};

/** `must[0]` as the form calls it: `Must say 1`. */
export function plain(problem: string): string {
  return problem
    .replace(/\b(must|never|allow|features)\[(\d+)\]/g, (_, field: string, at: string) => {
      return `${NAMES[field] ?? field} ${Number(at) + 1}`;
    })
    .replace(/^context\.(\w+)/, "The $1")
    .replace(/\bmaxChars\b/g, "Most characters")
    .replace(/^must takes/, "What must be said takes")
    .replace(/^must and/, "What must be said and")
    .replace(/^(name|brand)\b/, (field) => (field === "name" ? "The name" : "The brand"));
}
