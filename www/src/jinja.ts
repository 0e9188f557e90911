/** Chat templates, run by Hugging Face's interpreter: an interpreter, so that no policy need allow `eval`. */

import { Environment, Interpreter, parse, tokenize } from "@huggingface/jinja";

/** Longest list that a template may count up. */
const MOST = 10_000;

/** What a template says of messages that it was not made for. */
class Refusal extends Error {}

/** A template. */
export class Jinja {
  readonly source: string;
  readonly #program: ReturnType<typeof parse>;

  /** @throws DataError for what is no template. */
  constructor(source: string) {
    this.source = source;
    this.#program = sound(() => parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true })));
  }

  /** @throws TypeError when the template refuses the messages, DataError when it fails. */
  render(variables: Readonly<Record<string, unknown>>): string {
    return sound(() => {
      const environment = new Environment();
      for (const [name, value] of Object.entries({ ...variables, ...BUILT_IN })) environment.set(name, value);
      return String(new Interpreter(environment).run(this.#program).value);
    });
  }
}

/** What templates find beside their variables, as in Hugging Face's `transformers`. */
const BUILT_IN = {
  true: true,
  True: true,
  false: false,
  False: false,
  none: null,
  None: null,
  raise_exception(message: unknown): never {
    throw new Refusal(String(message));
  },
  range(first: number, end?: number, step = 1): number[] {
    const [from, to] = end === undefined ? [0, first] : [first, end];
    const length = Math.max(0, Math.ceil((to - from) / step));
    if (!(length <= MOST)) throw new Error(`range: more than ${MOST} numbers`);
    return Array.from({ length }, (_, i) => from + i * step);
  },
  strftime_now(format: string): string {
    const now = new Date();
    const name = (options: Intl.DateTimeFormatOptions): string => now.toLocaleDateString("en-US", options);
    const two = (n: number): string => String(n).padStart(2, "0");
    const parts: Record<string, () => string> = {
      Y: () => String(now.getFullYear()),
      m: () => two(now.getMonth() + 1),
      d: () => two(now.getDate()),
      H: () => two(now.getHours()),
      M: () => two(now.getMinutes()),
      S: () => two(now.getSeconds()),
      b: () => name({ month: "short" }),
      B: () => name({ month: "long" }),
      a: () => name({ weekday: "short" }),
      A: () => name({ weekday: "long" }),
      "%": () => "%",
    };
    return format.replace(/%(.)/g, (whole, letter: string) => parts[letter]?.() ?? whole);
  },
};

function sound<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Refusal) throw new TypeError(`messages: the model's chat template says: ${error.message}`);
    const why = error instanceof Error ? error.message : String(error);
    throw new DOMException(`chat_template: ${why}`, "DataError");
  }
}
