/** Attributes of `<copy-wright>`: primitives, each with a property of the same meaning. Objects are properties alone. */

import type { PartialBrief } from "../types";

/** What an attribute's value is: a text, texts with `|` between them, a number. */
type Kind = "text" | "list" | "number";

/** Attributes that are fields of the brief, by their property: its attribute and what that holds. */
export const BRIEF = {
  format: ["format", "text"],
  name: ["name", "text"],
  brand: ["brand", "text"],
  category: ["category", "text"],
  features: ["features", "list"],
  audience: ["audience", "text"],
  tone: ["tone", "text"],
  language: ["language", "text"],
  must: ["must", "list"],
  never: ["never", "list"],
  maxChars: ["max-chars", "number"],
} as const satisfies Record<string, readonly [string, Kind]>;

/** Attributes that say how and when. */
export const MANNER = {
  loading: ["loading", "text"],
  reveal: ["reveal", "text"],
  consent: ["consent", "text"],
  timeout: ["timeout", "number"],
  seed: ["seed", "text"],
  variants: ["variants", "number"],
  temperature: ["temperature", "number"],
  model: ["model", "text"],
  ladder: ["ladder", "text"],
} as const satisfies Record<string, readonly [string, Kind]>;

/** The properties of them that an element has. One that is `null` or `undefined` has no attribute. */
export interface Reflected {
  format: string | null;
  name: string | null;
  brand: string | null;
  category: string | null;
  features: string | null;
  audience: string | null;
  tone: string | null;
  language: string | null;
  must: string | null;
  never: string | null;
  maxChars: number | undefined;
  loading: string | null;
  reveal: string | null;
  consent: string | null;
  timeout: number | undefined;
  seed: string | null;
  variants: number | undefined;
  temperature: number | undefined;
  model: string | null;
}

/** Names of all of them, as attributes and as properties. */
export const OBSERVED: readonly string[] = Object.values({ ...BRIEF, ...MANNER }).map(([attribute]) => attribute);
export const PROPERTIES: readonly string[] = Object.keys({ ...BRIEF, ...MANNER });

/** Those that count for the next text alone. */
export const LATER: readonly string[] = ["loading", "reveal", "timeout", "variants", "temperature"];

/** An attribute's number, where it has one. */
export function number(element: Element, attribute: string): number | undefined {
  const value = element.getAttribute(attribute)?.trim();
  return value ? Number(value) : undefined;
}

/** Properties that read and write these attributes, for code and frameworks that set properties. */
export function reflect(prototype: object): void {
  for (const [property, [attribute, kind]] of Object.entries({ ...BRIEF, ...MANNER })) {
    // `ladder` takes objects as well; the element has it itself.
    if (property in prototype) continue;
    Object.defineProperty(prototype, property, {
      configurable: true,
      enumerable: true,
      get(this: Element) {
        return kind === "number" ? number(this, attribute) : this.getAttribute(attribute);
      },
      set(this: Element, value: unknown) {
        if (value === undefined || value === null) this.removeAttribute(attribute);
        else this.setAttribute(attribute, Array.isArray(value) ? value.join("|") : String(value));
      },
    });
  }
}

/** The brief that an element's attributes make. What is wrong with it, the engine says. */
export function briefOf(element: Element): PartialBrief {
  const brief: Record<string, unknown> = {};
  for (const [field, [attribute, kind]] of Object.entries(BRIEF)) {
    const value = element.getAttribute(attribute);
    if (value === null) continue;
    if (kind === "list")
      brief[field] = value
        .split("|")
        .map((item) => item.trim())
        .filter(Boolean);
    else brief[field] = kind === "number" ? Number(value) : value;
  }
  return brief;
}
