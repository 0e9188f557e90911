import type { Brief, Check } from "../src/types";

/** A field of the brief, or one line of it, that can back a number. */
export interface Field {
  /** As the engine's errors name it: `features[1]`, `facts.price`. */
  readonly path: string;
  /** For people: `Fact “price”`. */
  readonly label: string;
}

/** A number of a text, and the fields that say it. */
export interface Sourced {
  /** First character and the one after the last, in UTF-16 as strings count. */
  readonly start: number;
  readonly end: number;
  readonly fields: readonly Field[];
}

type Look = (text: string, brief: Brief) => Promise<readonly Check[]>;

/**
 * Where the numbers of a text come from. The rule itself decides what backs a number ("forty" is 40, "49 €" is "€49"): the text
 * is checked against briefs that hold one field each, and what passes there comes from that field. A number of the product's
 * own name is none that needs a source.
 */
export async function sources(text: string, brief: Brief, look: Look): Promise<Sourced[]> {
  // A format with no wants of its own.
  const bare: Brief = { format: "tagline", name: brief.name, ...(brief.brand && { brand: brief.brand }) };
  const all = await foreign(text, bare, look);
  if (all.length === 0) return [];
  const found = all.map(([start, end]) => ({ start, end, fields: [] as Field[] }));
  for (const { part, ...field } of fields(brief)) {
    const missing = new Set((await foreign(text, { ...bare, ...part }, look)).map(([start]) => start));
    for (const number of found) if (!missing.has(number.start)) number.fields.push(field);
  }
  const at = places(text);
  return found.map(({ start, end, fields }) => ({ start: at(start), end: at(end), fields }));
}

/** Bytes of the numbers that nothing in the brief says. */
async function foreign(text: string, brief: Brief, look: Look): Promise<Check["spans"]> {
  return (await look(text, brief)).find(({ rule, pass }) => rule === "number" && !pass)?.spans ?? [];
}

function fields({
  features = [],
  facts = {},
  allow = [],
  category,
  audience,
  context,
}: Brief): (Field & { readonly part: Partial<Brief> })[] {
  return [
    ...Object.entries(facts).map(([key, value]) => ({
      path: `facts.${key}`,
      label: `Fact “${key}”`,
      part: { facts: { [key]: value } },
    })),
    ...features.map((feature, i) => ({
      path: `features[${i}]`,
      label: `Feature ${i + 1}`,
      part: { features: [feature] },
    })),
    ...allow.map((claim, i) => ({ path: `allow[${i}]`, label: `Evidence ${i + 1}`, part: { allow: [claim] } })),
    ...(category ? [{ path: "category", label: "Category", part: { category } }] : []),
    ...(audience ? [{ path: "audience", label: "Audience", part: { audience } }] : []),
    ...(["interest", "question"] as const).flatMap((name) => {
      const said = context?.[name];
      return said ? [{ path: `context.${name}`, label: `The ${name}`, part: { context: { [name]: said } } }] : [];
    }),
  ];
}

/** From bytes of UTF-8 to places in the string. */
function places(text: string): (byte: number) => number {
  const at: number[] = [];
  let index = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    const bytes = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (let i = 0; i < bytes; i++) at.push(index);
    index += character.length;
  }
  return (byte) => at[byte] ?? text.length;
}
