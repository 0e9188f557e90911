import type { Copy } from "../src/types";
import { byId } from "./dom";
import { heatmap } from "./heatmap";
import type { Proof } from "./proof";

/** The part below the proofs that shows why one of them reads as it does. */
export class Explained {
  readonly #section = byId("explained", HTMLElement);
  readonly #map = byId("heatmap", HTMLDivElement);
  #chosen: Proof | undefined;

  clear(): void {
    this.#section.hidden = true;
    this.#map.replaceChildren();
    this.#chosen = undefined;
  }

  /** A proof can be chosen from now on; the first one is. */
  offer(proof: Proof, copy: Copy): void {
    const tokens = copy.explanation;
    if (!tokens) return;
    const show = (): void => {
      this.#chosen?.choose(false);
      this.#chosen = proof;
      proof.choose(true);
      byId("explained-title", HTMLHeadingElement).textContent = `Why ${proof.title.toLowerCase()} reads as it does`;
      heatmap(this.#map, tokens);
      this.#section.hidden = false;
    };
    proof.explained(() => {
      show();
      this.#section.scrollIntoView({ block: "nearest" });
    });
    if (!this.#chosen) show();
  }
}
