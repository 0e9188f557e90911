/** Text that is written again after a lost GPU: what was passed on before is left out. */

import type { Delta } from "./types";

/** See the module. */
export class Replay {
  readonly #on: (delta: Delta) => void;
  /** What was passed on, by variant. */
  readonly #given: string[] = [];
  #differs = false;

  constructor(on: (delta: Delta) => void) {
    this.#on = on;
  }

  /** A listener for one attempt. */
  listener(): (delta: Delta) => void {
    const seen: string[] = [];
    return ({ index, text }) => {
      const whole = (seen[index] = (seen[index] ?? "") + text);
      const given = this.#given[index] ?? "";
      if (!whole.startsWith(given.slice(0, whole.length))) this.#differs = true;
      if (this.#differs || whole.length <= given.length) return;
      this.#given[index] = whole;
      this.#on({ index, text: whole.slice(given.length) });
    };
  }

  /**
   * Another GPU may round differently and write another text. Two halves that do not belong together are worse
   * than none: that is an OperationError.
   */
  check(): void {
    if (this.#differs) {
      throw new DOMException("the GPU was lost, and the next one writes another text", "OperationError");
    }
  }
}
