/** A JavaScript literal, indented, with names bare where they may be. */
export function literal(value: unknown, indent = ""): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const flat = `[${value.map((item) => literal(item)).join(", ")}]`;
    if (flat.length <= 64) return flat;
    return `[\n${value.map((item) => `${inner}${literal(item, inner)},\n`).join("")}${indent}]`;
  }
  if (typeof value === "object" && value !== null) {
    const pairs = Object.entries(value).filter(([, item]) => item !== undefined);
    if (pairs.length === 0) return "{}";
    const flat = `{ ${pairs.map(([key, item]) => `${name(key)}: ${literal(item)}`).join(", ")} }`;
    if (indent !== "" && flat.length <= 64) return flat;
    return `{\n${pairs.map(([key, item]) => `${inner}${name(key)}: ${literal(item, inner)},\n`).join("")}${indent}}`;
  }
  return JSON.stringify(value) ?? "undefined";
}

function name(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
}

/** The program that writes what the page writes: the same brief, settings and seed. */
export function program(brief: object, options: { readonly n: number; readonly [key: string]: unknown }): string {
  const { n, ...rest } = options;
  const head = `import { Copywright } from "copywright";\n\nconst writer = await Copywright.create();\n`;
  const settings = Object.entries(n > 1 ? { n, ...rest } : rest)
    .map(([key, value]) => `${key}: ${literal(value)}`)
    .join(", ");
  if (n > 1) {
    const told = rest["explain"] ? "copy.text, copy.explanation" : "copy.text";
    return `${head}const copies = await writer.variants(${literal(brief)}, { ${settings} });\n\nfor (const copy of copies) console.log(${told});\n`;
  }
  if (rest["explain"]) {
    return `${head}const { explanation } = await writer.write(${literal(brief)}, { ${settings} });\n\nfor (const { text, probability } of explanation) console.log(text, probability);\n`;
  }
  return `${head}const stream = writer.writeStreaming(${literal(brief)}, { ${settings} });\n\nfor await (const chunk of stream) document.body.append(chunk);\n`;
}
