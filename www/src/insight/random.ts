/** Numbers by lot, the same for the same seed: SplitMix64 (Steele et al. 2014). */
export class Random {
  #state: bigint;

  /** `seed` is a whole number from 0 on. */
  constructor(seed: number) {
    this.#state = BigInt(seed);
  }

  /** A whole number from 0 on and below `n`. */
  below(n: number): number {
    this.#state = BigInt.asUintN(64, this.#state + 0x9e3779b97f4a7c15n);
    let z = this.#state;
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    return Number(((z ^ (z >> 31n)) * BigInt(n)) >> 64n);
  }

  /** The same in another order (Fisher and Yates). */
  shuffled<T>(items: readonly T[]): T[] {
    const all = [...items];
    for (let i = all.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [all[i], all[j]] = [all[j] as T, all[i] as T];
    }
    return all;
  }
}
