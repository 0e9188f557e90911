import { literal } from "../demo/snippet";
import { BRIEF } from "../src/element/attributes";
import type { Brief } from "../src/types";

/**
 * The element that writes this brief in any page, around a text that a person answers for. Facts, claims and what the reader
 * asked have no attributes: they go in by the property.
 */
export function embed(brief: Brief, own: string, { seed, n }: { readonly seed: number; readonly n: number }): string {
  const attributes = Object.entries(BRIEF).flatMap(([field, [name, kind]]) => {
    const value = brief[field as keyof typeof BRIEF];
    if (value === undefined) return [];
    return [`${name}="${escaped(kind === "list" ? (value as readonly string[]).join(" | ") : String(value))}"`];
  });
  const { facts, allow, context } = brief;
  const rest = Object.fromEntries(Object.entries({ facts, allow, context }).filter(([, value]) => value !== undefined));
  const objects = Object.keys(rest).length > 0;
  const lines = [...(objects ? ['id="copy"'] : []), ...attributes, `variants="${n}"`, `seed="${seed}"`];
  const element = `<copy-wright\n  ${lines.join("\n  ")}>\n  <p>${escaped(own)}</p>\n</copy-wright>\n`;
  if (!objects) return `<script type="module" src="copywright/element.js"></script>\n\n${element}`;
  // Within a script, nothing may end it.
  const data = literal(rest).replaceAll("<", "\\u003c");
  return `${element}\n<script type="module">\nimport "copywright/element";\n\ndocument.querySelector("#copy").brief = ${data};\n</script>\n`;
}

function escaped(text: string): string {
  const names: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (sign) => names[sign] ?? sign);
}
