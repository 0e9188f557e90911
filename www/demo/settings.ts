import { byId, make, radios, within } from "./dom";

/** How the writer draws its words: named as the API names them. */
export interface Sampling {
  readonly temperature: number;
  readonly topP: number;
  readonly topK: number;
  readonly repetitionPenalty: number;
  readonly maxTokens?: number;
}

/** What the controls stand on at first. An emptied field falls back to it. */
const start: Sampling = { temperature: 0.7, topP: 0.95, topK: 0, repetitionPenalty: 1 };
const SEEDS = 2 ** 32;

/** Seed, number of variants, and the details of the sampling. */
export class Settings {
  readonly #form = byId("ticket", HTMLFormElement);
  readonly #seed = byId("seed", HTMLInputElement);
  readonly #explain = byId("explain", HTMLInputElement);
  readonly #fresh = byId("fresh", HTMLInputElement);
  #used = false;

  /** `least` is the lowest number of variants to choose. */
  constructor(least = 1) {
    radios(
      byId("counts", HTMLDivElement),
      "count",
      Array.from({ length: 9 - least }, (_, at) => {
        return { value: String(least + at), face: make("span", {}, String(least + at)) };
      }),
    );
    within(this.#form, 'input[name="count"][value="4"]', HTMLInputElement).checked = true;
    for (const [name, value] of Object.entries(start)) this.#input(name).value = String(value);
    this.#input("temperature").addEventListener("input", () => this.#read());
    byId("dice", HTMLButtonElement).addEventListener("click", () => {
      this.#throw();
      this.#used = false;
      this.#seed.dispatchEvent(new Event("input", { bubbles: true }));
    });
    this.#seed.addEventListener("input", () => {
      this.#used = false;
    });
    this.#throw();
    this.#read();
  }

  get count(): number {
    return Number(new FormData(this.#form).get("count"));
  }

  get seed(): number {
    const seed = Math.trunc(this.#seed.valueAsNumber);
    return Number.isFinite(seed) ? ((seed % SEEDS) + SEEDS) % SEEDS : 0;
  }

  /** The seed to write with. Where the visitor lets it change, one that has written gives way to a new one. */
  next(): number {
    if (this.#used && this.#fresh.checked) this.#throw();
    this.#used = true;
    return this.seed;
  }

  /** What somebody else has written with; the seed counts as not used yet. */
  set(count: number, seed: number, sampling: Sampling): void {
    within(this.#form, `input[name="count"][value="${count}"]`, HTMLInputElement).checked = true;
    this.#seed.value = String(seed);
    for (const name of Object.keys({ ...start, maxTokens: 0 }) as (keyof Sampling)[])
      this.#input(name).value = String(sampling[name] ?? "");
    this.#used = false;
    this.#read();
  }

  /** Whether each word is to be explained: absent where it is not, as the API's default. */
  get explain(): { readonly explain?: true } {
    return this.#explain.checked ? { explain: true } : {};
  }

  get sampling(): Sampling {
    const number = (name: keyof Sampling): number => {
      const value = this.#input(name).valueAsNumber;
      return Number.isFinite(value) ? value : (start[name] ?? 0);
    };
    const maxTokens = number("maxTokens");
    return {
      temperature: number("temperature"),
      topP: number("topP"),
      topK: number("topK"),
      repetitionPenalty: number("repetitionPenalty"),
      ...(maxTokens > 0 ? { maxTokens } : {}),
    };
  }

  /** Seeds small enough to be read out over a telephone. */
  #throw(): void {
    this.#seed.value = String(1 + Math.floor(Math.random() * 9999));
  }

  #read(): void {
    byId("temperature-value", HTMLOutputElement).textContent = this.#input("temperature").valueAsNumber.toFixed(2);
  }

  #input(name: string): HTMLInputElement {
    return within(this.#form, `input[name="${name}"]`, HTMLInputElement);
  }
}
