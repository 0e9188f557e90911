import { byId, copyFrom } from "../demo/dom";
import type { BriefForm } from "./brief";
import { embed } from "./embed";
import { linkTo } from "./share";
import type { Order } from "./writing";

/** The two things to take away: the element for a page, and a link that holds the brief. */
export class SharePanel {
  readonly #form: BriefForm;
  readonly #snippet = byId("snippet", HTMLElement);
  readonly #link = byId("link", HTMLAnchorElement);
  #own = "";

  constructor(form: BriefForm) {
    this.#form = form;
    const copySnippet = byId("copy-snippet", HTMLButtonElement);
    copySnippet.addEventListener("click", () => void copyFrom(copySnippet, this.#snippet.textContent ?? ""));
    const copyLink = byId("copy-link", HTMLButtonElement);
    copyLink.addEventListener("click", () => void copyFrom(copyLink, this.#link.href));
  }

  /** The text that stands in the page where nothing can be written. */
  own(text: string): void {
    this.#own = text;
  }

  show({ explain: _, ...order }: Order): void {
    const brief = this.#form.get();
    const own = this.#own || "Your own text, for those whose device cannot write.";
    this.#snippet.textContent = embed(brief, own, order);
    this.#link.href = linkTo(location.href, { brief, ...order });
    this.#link.textContent = `${brief.name || "This brief"}, ${order.n} variants from seed ${order.seed}`;
  }
}
