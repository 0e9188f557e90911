import { byId, make } from "./dom";

/** The rows of facts: what is measured, and its value. An empty row is no fact. */
export class Facts {
  readonly #rows = byId("facts", HTMLDivElement);

  constructor() {
    byId("add-fact", HTMLButtonElement).addEventListener("click", () => {
      this.#add("", "").focus();
    });
  }

  get(): [string, string][] {
    return [...this.#rows.children]
      .map((row) => [...row.querySelectorAll("input")].map((input) => input.value.trim()))
      .flatMap(([what = "", value = ""]): [string, string][] => (what && value ? [[what, value]] : []));
  }

  set(facts: readonly (readonly [string, string])[]): void {
    this.#rows.replaceChildren();
    for (const [what, value] of facts) this.#add(what, value);
    if (facts.length === 0) this.#add("", "");
  }

  #add(what: string, value: string): HTMLInputElement {
    const first = make("input", { type: "text", placeholder: "price", autocomplete: "off" });
    const second = make("input", { type: "text", placeholder: "€49", autocomplete: "off" });
    const remove = make("button", { type: "button" }, "×");
    first.value = what;
    second.value = value;
    const row = make("div", { class: "fact" }, first, second, remove);
    remove.addEventListener("click", () => {
      const next = row.nextElementSibling ?? row.previousElementSibling;
      row.remove();
      this.#name();
      this.#rows.dispatchEvent(new Event("input", { bubbles: true }));
      (next?.querySelector("input") ?? byId("add-fact", HTMLButtonElement)).focus();
    });
    this.#rows.append(row);
    this.#name();
    return first;
  }

  /** Names each row's controls by its place, for those who cannot see the row. */
  #name(): void {
    [...this.#rows.children].forEach((row, at) => {
      const [what, value] = row.querySelectorAll("input");
      what?.setAttribute("aria-label", `Fact ${at + 1}, what`);
      value?.setAttribute("aria-label", `Fact ${at + 1}, value`);
      row.querySelector("button")?.setAttribute("aria-label", `Remove fact ${at + 1}`);
    });
  }
}
