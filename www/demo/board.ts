import { byId } from "./dom";
import { examples } from "./examples";
import { formats, type Format } from "./formats";
import type { Preset } from "./presets";
import { Proof } from "./proof";
import { asked } from "./ticket";

/** The board that the proofs lie on. */
export class Board {
  readonly #list = byId("proofs", HTMLUListElement);

  /** `count` empty proofs, with room for what the format allows. */
  lay(count: number, format: Format): readonly Proof[] {
    const proofs = Array.from({ length: count }, (_, at) => new Proof(`Variant ${at + 1}`, format));
    this.#list.replaceChildren(...proofs.map((proof) => proof.element));
    return proofs;
  }

  /** The copy that a person wrote for a preset: the chosen format leads, the others follow by their length. */
  examples(preset: Preset, chosen: string): void {
    const own = (examples[preset.id] ?? []).flatMap((example) => {
      const format = formats.find((format) => format.id === example.format);
      return format ? [{ example, format }] : [];
    });
    own.sort((a, b) => Number(b.format.id === chosen) - Number(a.format.id === chosen) || a.format.max - b.format.max);
    this.#list.replaceChildren(
      ...own.map(({ example, format }) => {
        const proof = new Proof(`${format.title}, ${example.tone}`, format);
        const field = asked.find(([id]) => id === format.id)?.[1];
        if (field) proof.asked(preset[field]);
        proof.note("Example, written by hand");
        proof.element.classList.toggle("leading", format.id === chosen);
        proof.set(example.text);
        proof.end([]);
        return proof.element;
      }),
    );
  }
}
