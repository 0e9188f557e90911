import { byId, isOn, make, turn } from "../demo/dom";
import { Copywright } from "../src/index";
import { closePage, tryPage } from "./airplane";
import type { Watch } from "./watch";
import type { Writing } from "./writing";

/** What the studio asked for and what it keeps, as the browser itself tells; and the switch that ends all asking. */
export class Privacy {
  readonly #watch: Watch;
  readonly #writing: Writing;
  readonly #switch = byId("airplane", HTMLButtonElement);
  readonly #keep = byId("keep", HTMLButtonElement);
  readonly #try = byId("try", HTMLButtonElement);
  #ready = Infinity;
  #closed = false;

  constructor(watch: Watch, writing: Writing) {
    this.#watch = watch;
    this.#writing = writing;
    watch.onchange = () => this.#count();
    turn(this.#switch, false);
    turn(this.#keep, false);
    this.#switch.addEventListener("click", () => isOn(this.#switch) && void this.#close());
    this.#try.addEventListener("click", () => void this.#trial());
    this.#keep.addEventListener("click", () => isOn(this.#keep) && void this.#agree());
    byId("look", HTMLButtonElement).addEventListener("click", () => void this.list());
    this.#count();
    void this.list();
  }

  /** All that is needed is here. */
  ready(): void {
    if (this.#ready === Infinity) this.#ready = performance.timeOrigin + performance.now();
    turn(this.#switch, !this.#closed);
    turn(this.#keep, !this.#closed);
    this.#count();
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
    turn(this.#switch, false);
    turn(this.#keep, false);
    this.#switch.setAttribute("aria-checked", "true");
    await this.#watch.seal();
    closePage();
    this.#say(
      "Airplane mode is on. The browser refuses every request of this page, and its workers have no way to ask.",
    );
  }

  async #trial(): Promise<void> {
    const address = new URL(`./?tried=${Date.now()}`, location.href).href;
    const refused = await tryPage(address);
    const workers = await this.#watch.try(address);
    const words = (who: string, why: string | undefined): string =>
      why === undefined ? `${who}: the request went out.` : `${who}: refused (${why}).`;
    this.#say([words("Page", refused), ...workers.map((why) => words("Worker", why))].join(" "));
  }

  /** Keeps the model, or forgets it: the visitor has asked for it. */
  async #agree(): Promise<void> {
    turn(this.#keep, false);
    const kept = this.#writing.storage === "auto";
    if (kept) await Copywright.remove();
    await this.#writing.keep(kept ? "none" : "auto");
    this.#keep.textContent = kept ? "Keep the model on this device" : "Forget the model";
    this.#say(kept ? "The model is no longer kept." : "The model is kept: the next visit needs no download.");
    turn(this.#keep, !this.#closed);
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
