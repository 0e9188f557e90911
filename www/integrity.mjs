// Prints what a page needs to take the package from a CDN and to refuse it when a byte has changed:
//
//   node www/integrity.mjs https://cdn.example/copywright@0.1.0/
//
// The hash of the entry goes into its script element, those of what it imports later into an import map. The worker is not
// covered: browsers have no integrity for workers yet. Weights are compared with the manifest's SHA-256 in any case.

import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const pkg = new URL("../pkg/", import.meta.url);

/** `sha384-...` of each script of the package, by its name. */
export async function hashes(folder = fileURLToPath(pkg)) {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".js")).sort();
  const of = async (name) => {
    const bytes = await readFile(new URL(name, `file://${folder.endsWith("/") ? folder : `${folder}/`}`));
    return [name, `sha384-${createHash("sha384").update(bytes).digest("base64")}`];
  };
  return Object.fromEntries(await Promise.all(names.map(of)));
}

/** The elements for a page's head. */
export async function head(base, entry = "element.js") {
  const all = await hashes();
  const integrity = Object.fromEntries(Object.entries(all).map(([name, hash]) => [new URL(name, base).href, hash]));
  return `<script type="importmap">
${JSON.stringify({ integrity }, null, 2)}
</script>
<script type="module" src="${new URL(entry, base).href}" integrity="${all[entry]}" crossorigin="anonymous"></script>`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(await head(process.argv[2] ?? "https://cdn.example/copywright/"));
}
