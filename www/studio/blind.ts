import { byId, make } from "../demo/dom";
import { BlindTest, type Pair } from "../src/insight";
import type { Brief, Copy } from "../src/types";
import type { Order } from "./writing";

/** The variants that can be taken, and what they came from. */
export interface Batch {
  readonly brief: Brief;
  readonly copies: readonly Copy[];
  readonly order: Order;
}

const SIDES = ["a", "b"] as const;
type Side = (typeof SIDES)[number];

/** Two lists of texts, judged in pairs without their sources; then what the votes say, to take away. */
export class BlindPanel {
  #batch: Batch | undefined;
  /** Where a list came from, where it was taken from the variants. */
  readonly #taken = new Map<Side, Batch>();
  #test: BlindTest | undefined;
  #address = "";
  readonly #trial = byId("blind-trial", HTMLDivElement);

  constructor() {
    for (const side of SIDES) {
      byId(`blind-take-${side}`, HTMLButtonElement).addEventListener("click", () => this.#take(side));
      byId(`blind-texts-${side}`, HTMLTextAreaElement).addEventListener("input", () => this.#taken.delete(side));
    }
    for (const choice of [...SIDES, "tie"] as const) {
      byId(`blind-choose-${choice}`, HTMLButtonElement).addEventListener("click", () => this.#vote(choice));
    }
    byId("blind-begin", HTMLButtonElement).addEventListener("click", () => this.#begin());
    this.#trial.addEventListener("keydown", ({ key }) => {
      const choice = ({ 1: "a", 2: "b", 0: "tie" } as const)[key];
      if (choice) this.#vote(choice);
    });
  }

  /** The variants that are on the board now. */
  offer(batch: Batch): void {
    this.#batch = batch;
  }

  #take(side: Side): void {
    const batch = this.#batch;
    if (!batch) return this.#say("There are no variants yet: press Write.");
    const { copies, order } = batch;
    this.#taken.set(side, batch);
    byId(`blind-texts-${side}`, HTMLTextAreaElement).value = copies.map(({ text }) => text).join("\n\n");
    byId(`blind-source-${side}`, HTMLInputElement).value =
      `${copies[0]?.model ?? "model"}, seed ${order.seed}, temperature ${order.temperature}`;
    this.#say("");
  }

  #begin(): void {
    const [a, b] = SIDES.map((side) => ({
      source: byId(`blind-source-${side}`, HTMLInputElement).value.trim(),
      texts: byId(`blind-texts-${side}`, HTMLTextAreaElement)
        .value.split(/\n\s*\n/)
        .map((text) => text.trim())
        .filter(Boolean),
    }));
    if (!a || !b || !a.source || !b.source) return this.#say("Say of both lists who wrote them.");
    if (a.source === b.source) return this.#say("Both lists have the same source: there is nothing to find out.");
    const pairs: Pair[] = a.texts.flatMap((text, i) => {
      const other = b.texts[i];
      const sides = { a: { source: a.source, text }, b: { source: b.source, text: other ?? "" } };
      return other === undefined ? [] : [{ id: `pair ${i + 1}`, ...sides }];
    });
    if (pairs.length === 0) return this.#say("Both lists need a text at least.");
    const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
    const traps = BlindTest.traps(pairs, Math.ceil(pairs.length / 4), seed);
    const lists = Object.fromEntries(
      [...this.#taken].map(([side, { brief, copies, order }]) => [side, origin(brief, copies, order)]),
    );
    this.#test = new BlindTest(pairs, {
      seed,
      traps,
      provenance: { tool: "Copywright Studio", page: location.origin + location.pathname, lists },
    });
    byId("blind-result", HTMLDivElement).hidden = true;
    this.#next();
  }

  #vote(choice: Side | "tie"): void {
    const trial = this.#test?.next;
    if (!trial) return;
    this.#test?.vote(trial.id, choice);
    this.#next();
  }

  #next(): void {
    const test = this.#test;
    const trial = test?.next;
    this.#trial.hidden = !trial;
    // They tell who wrote what.
    byId("blind-lists", HTMLDivElement).hidden = Boolean(trial);
    if (!test) return;
    if (!trial) return void this.#result(test);
    for (const side of SIDES) byId(`blind-${side}`, HTMLParagraphElement).textContent = trial[side];
    this.#say(`${test.done + 1} of ${test.trials.length}`);
    byId("blind-title", HTMLHeadingElement).focus();
  }

  async #result(test: BlindTest): Promise<void> {
    this.#say("Counting");
    try {
      const record = await test.export();
      const { strengths = [], judgments = 0, traps = { hits: 0, of: 0 } } = record.result ?? {};
      byId("blind-rows", HTMLTableSectionElement).replaceChildren(
        ...strengths.map(({ name, strength, low, high, wins }) =>
          make(
            "tr",
            {},
            make("th", { scope: "row" }, name),
            make("td", {}, `${wins.hits} of ${wins.of}`),
            make("td", {}, `${signed(strength)}, ${signed(low)} to ${signed(high)}`),
          ),
        ),
      );
      const [first, second] = strengths;
      const apart = first && second && first.low > second.high;
      byId("blind-note", HTMLParagraphElement).textContent = [
        `${judgments} comparisons by one judge; ${traps.hits} of ${traps.of} traps seen through.`,
        apart ? "The intervals lie apart." : "The intervals overlap: these votes do not tell the two apart.",
      ].join(" ");
      URL.revokeObjectURL(this.#address);
      const file = new Blob([JSON.stringify(record, null, 2)], { type: "application/json" });
      byId("blind-export", HTMLAnchorElement).href = this.#address = URL.createObjectURL(file);
      byId("blind-result", HTMLDivElement).hidden = false;
      this.#say("Done. The sources are shown now.");
      byId("blind-export", HTMLAnchorElement).focus();
    } catch (error) {
      this.#say(`The votes could not be counted: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #say(text: string): void {
    byId("blind-said", HTMLParagraphElement).textContent = text;
  }
}

/** What makes a list's texts again. */
function origin(brief: Brief, copies: readonly Copy[], order: Order): object {
  const texts = copies.map(({ text, seed, attempts, model, briefHash }) => ({
    text,
    seed,
    attempts,
    model,
    briefHash,
  }));
  return { brief, order, texts };
}

/** With the true minus sign. */
const signed = (value: number): string => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;
