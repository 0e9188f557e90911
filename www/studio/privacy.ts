import { byId, isOn, make, turn } from "../demo/dom";
import { Copywright } from "../src/index";
import { closePage, tryPage } from "./airplane";
import type { Watch } from "./watch";
import type { Writing } from "./writing";

const SAID = {
  keep: {
    done: "The model is kept: the next visit needs no download.",
    failed: "The model could not be kept. Everything else is as it was.",
  },
  forget: {
    done: "The model is no longer kept.",
    failed: "What was kept is gone, but the writer would keep the model again: press once more.",
  },
} as const;

/** What the studio asked for and what it keeps, as the browser itself tells; and the switch that ends all asking. */
export class Privacy {
  readonly #watch: Watch;
  readonly #writing: Writing;
  readonly #switch = byId("airplane", HTMLButtonElement);
  readonly #keep = byId("keep", HTMLButtonElement);
  readonly #try = byId("try", HTMLButtonElement);
  #ready = Infinity;
  #closed = false;
  /** Another writer is on its way into the place of the one that is there. */
  #changing = false;

  constructor(watch: Watch, writing: Writing) {
    this.#watch = watch;
    this.#writing = writing;
    watch.onchange = () => this.#count();
    this.turn();
    this.#switch.addEventListener("click", () => isOn(this.#switch) && void this.#close());
    this.#try.addEventListener("click", () => isOn(this.#try) && void this.#trial());
    this.#keep.addEventListener("click", () => isOn(this.#keep) && void this.#agree());
    byId("look", HTMLButtonElement).addEventListener("click", () => void this.list());
    this.#count();
    void this.list();
  }

  /** All that is needed is here. */
  ready(): void {
    if (this.#ready === Infinity) this.#ready = performance.timeOrigin + performance.now();
    this.turn();
    this.#count();
  }

  /**
   * What can be pressed now. Under airplane mode no writer can be made, so the switch waits for one that is on its way; and
   * what is being written is not taken from its writer.
   */
  turn(): void {
    const free = this.#ready < Infinity && !this.#closed && !this.#changing;
    turn(this.#switch, free);
    turn(this.#keep, free && !this.#writing.busy);
  }

  #count(): void {
    const since = this.#watch.since(this.#ready);
    const all = this.#watch.requests.length;
    for (const place of document.querySelectorAll(".requests-since")) place.textContent = String(since.length);
    byId("requests-before", HTMLElement).textContent = String(all - since.length);
    byId("requests-refused", HTMLElement).textContent = String(this.#watch.refused);
    byId("requests-list", HTMLUListElement).replaceChildren(
      ...this.#watch.requests.map(({ name, at }) => {
        return make("li", { class: at >= this.#ready ? "after" : "before" }, new URL(name, location.href).pathname);
      }),
    );
  }

  async #close(): Promise<void> {
    this.#closed = true;
    this.turn();
    const silent = await this.#watch.seal();
    closePage();
    this.#switch.setAttribute("aria-checked", "true");
    const workers = silent
      ? `. Of its workers, ${silent} did not answer: gone, or too busy to hear it yet.`
      : ", and its workers have no way to ask.";
    this.#say(`Airplane mode is on. The browser refuses every request of this page${workers}`);
  }

  async #trial(): Promise<void> {
    turn(this.#try, false);
    const address = new URL(`./?tried=${Date.now()}`, location.href).href;
    const page = { refused: await tryPage(address) };
    const workers = await this.#watch.try(address);
    const words = (who: string, tried: typeof page | "silent"): string => {
      if (tried === "silent") return `${who}: no answer.`;
      return tried.refused === undefined ? `${who}: the request went out.` : `${who}: refused (${tried.refused}).`;
    };
    this.#say([words("Page", page), ...workers.map((tried) => words("Worker", tried))].join(" "));
    turn(this.#try, true);
  }

  /** Keeps the model, or forgets it: the visitor has asked for it. */
  async #agree(): Promise<void> {
    this.#changing = true;
    this.turn();
    const kept = this.#writing.storage === "auto";
    try {
      this.#say(kept ? "Forgetting the model." : "Keeping the model.");
      if (kept) await Copywright.remove();
      const changed = await this.#writing.keep(kept ? "none" : "auto");
      if (changed) this.#keep.textContent = kept ? "Keep the model on this device" : "Forget the model";
      this.#say(SAID[kept ? "forget" : "keep"][changed ? "done" : "failed"]);
    } catch (error) {
      this.#say(`The browser refuses it: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      this.#changing = false;
      this.turn();
    }
    await this.list();
  }

  /** Everything that a page can keep, and what of it is there. */
  async list(): Promise<void> {
    const [models, databases, cached, estimate] = await Promise.all([
      Copywright.stored().catch(() => []),
      indexedDB.databases().catch(() => []),
      globalThis.caches?.keys().catch(() => []) ?? [],
      navigator.storage?.estimate().catch(() => undefined),
    ]);
    const bytes = models.reduce((sum, model) => sum + model.bytes, 0);
    const count = (list: readonly unknown[], what: string): string => (list.length ? `${list.length} ${what}` : "none");
    const rows: [string, string, string][] = [
      [
        "Model",
        bytes ? `${(bytes / 1e6).toFixed(1)} MB` : "none",
        "Kept only when you press the button below, so that the next visit needs no download.",
      ],
      ["Cookies", document.cookie ? "some" : "none", "Not used."],
      [
        "localStorage",
        count(
          keys(() => localStorage),
          "entries",
        ),
        "Not used; the theme is forgotten too.",
      ],
      [
        "sessionStorage",
        count(
          keys(() => sessionStorage),
          "entries",
        ),
        "Not used.",
      ],
      ["IndexedDB", count(databases, "databases"), "Not used here."],
      ["Cache Storage", count(cached, "caches"), "For the model, where the private file system is not to be had."],
      ["All of this site", `${((estimate?.usage ?? 0) / 1e6).toFixed(1)} MB`, "As the browser estimates it."],
      ["Your brief", "in this page", "In memory, and gone with the tab. In a link only if you make one."],
    ];
    byId("kept", HTMLTableSectionElement).replaceChildren(
      ...rows.map(([what, where, why]) =>
        make("tr", {}, make("th", { scope: "row" }, what), make("td", {}, where), make("td", {}, why)),
      ),
    );
  }

  #say(text: string): void {
    byId("privacy-said", HTMLParagraphElement).textContent = text;
  }
}

/** Some browsers refuse even the question. */
function keys(storage: () => Storage): readonly string[] {
  try {
    return Object.keys(storage());
  } catch {
    return [];
  }
}
