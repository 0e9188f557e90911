// `node links.mjs`: whether what the repository's texts point to is there, files and headings. Addresses of others are not
// asked for.

import { access, readdir, readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
/** What is made or fetched has links of its own. */
const OTHERS = /^(\..*|node_modules|target|dist|generated|__pycache__)$/;

/** The texts below a folder. */
async function texts(folder) {
  const found = [];
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    const name = join(folder, entry.name);
    if (entry.isDirectory() && !OTHERS.test(entry.name)) found.push(...(await texts(name)));
    else if (entry.isFile() && name.endsWith(".md")) found.push(name);
  }
  return found;
}

/** The anchors that a text has, as GitHub makes them of its headings. */
function anchors(text) {
  const found = new Set();
  for (const [, heading] of text.replace(/^```.*?^```/gms, "").matchAll(/^#+ +(.*)$/gm)) {
    const plain = heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "");
    found.add(plain.replaceAll(" ", "-"));
  }
  return found;
}

const broken = [];
let seen = 0;
for (const name of await texts("")) {
  const text = await readFile(join(root, name), "utf8");
  for (const [, target] of text.replace(/^```.*?^```/gms, "").matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(target)) continue;
    seen += 1;
    const [path, anchor] = target.split("#");
    const file = path ? join(root, dirname(name), decodeURI(path)) : join(root, name);
    const there = await access(file).then(
      () => true,
      () => false,
    );
    const good = there && (!anchor || anchors(await readFile(file, "utf8")).has(anchor));
    if (!good) broken.push(`${name}: ${target} (${relative(root, file)})`);
  }
}
if (broken.length > 0) {
  console.error(`links that lead nowhere:\n${broken.join("\n")}`);
  process.exit(1);
}
console.log(`${seen} links lead somewhere`);
