/**
 * Development only: tokenizers of real vocabularies in the page's library. `COPYWRIGHT_REFERENCE=... COPYWRIGHT_WRITE=FOLDER
 * cargo test --test gguf -- --ignored` writes them with their texts and ids; then `node tests/gguf/page.mjs FOLDER`.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Tokenizer } from "../../www/node_modules/@huggingface/tokenizers/dist/tokenizers.mjs";

const folder = process.argv[2];
if (!folder)
  throw new Error("which folder? The one that COPYWRIGHT_WRITE named");
const read = async (name) =>
  JSON.parse(await readFile(join(folder, name), "utf8"));
const families = (await readdir(folder)).filter((name) =>
  name.endsWith(".cases.json"),
);
if (families.length === 0) throw new Error(`${folder} has no *.cases.json`);
let wrong = 0;
for (const name of families.sort()) {
  const family = name.slice(0, -".cases.json".length);
  const tokenizer = new Tokenizer(await read(`${family}.json`), {});
  const cases = await read(name);
  for (const [text, ids] of cases) {
    const found = tokenizer.encode(text, { add_special_tokens: false }).ids;
    if (JSON.stringify(found) === JSON.stringify(ids)) continue;
    wrong++;
    console.log(
      `${family}: ${JSON.stringify(text)}\n  expected ${ids}\n  found    ${found}`,
    );
  }
  console.log(`${family}: ${cases.length} texts compared`);
}
process.exitCode = wrong && 1;
