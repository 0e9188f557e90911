/**
 * Tokenizers that were made from GGUF files, in the page's library: tests/gguf/golden.json holds what tests/gguf makes of
 * tiny vocabularies, and cases.json texts with ids and pieces written down by hand, which the `tokenizers` crate is held
 * to there. No browser is needed: the library touches nothing but strings.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { ROOT } from "./support/server.mjs";

const library = join(
  ROOT,
  "www/node_modules/@huggingface/tokenizers/dist/tokenizers.mjs",
);
const { Tokenizer } = await import(pathToFileURL(library));
const json = async (name) =>
  JSON.parse(await readFile(join(ROOT, "tests/gguf", name), "utf8"));
const golden = await json("golden.json");
const cases = await json("cases.json");

/** Texts whose ids differ from these. */
const wrong = (family, list) => {
  const tokenizer = new Tokenizer(golden.families[family], {});
  return list.filter(([text, ids]) => {
    const found = tokenizer.encode(text, { add_special_tokens: false }).ids;
    return JSON.stringify(found) !== JSON.stringify(ids);
  });
};

test("the ids that the tokenizers crate gives", () => {
  const families = Object.entries(cases.ids);
  assert.ok(families.length >= 5);
  for (const [family, list] of families) {
    assert.deepEqual(wrong(family, list), [], family);
    console.log(`${family}: ${list.length} texts`);
  }
});

test("a difference of one id is seen", () => {
  for (const [family, [[text, ids]]] of Object.entries(cases.ids)) {
    const other = ids.with(0, ids[0] + 1);
    assert.equal(wrong(family, [[text, other]]).length, 1, family);
  }
});

test("texts are cut where the models' own tokenizers cut them", () => {
  // Pieces of letters stay letters when their bytes are written out; others are read back.
  const decode = ({ decoder }, piece) =>
    decoder.convert_tokens_to_string([piece]);
  const ways = Object.entries(cases.pieces);
  assert.ok(ways.length >= 8);
  for (const [name, list] of ways) {
    const tokenizer = new Tokenizer(
      { ...golden.families["gpt-2"], pre_tokenizer: golden.pre[name] },
      {},
    );
    for (const [text, pieces] of list) {
      const found = tokenizer
        .pre_tokenizer(text, {})
        .map((piece) => decode(tokenizer, piece));
      assert.deepEqual(found, pieces, `${name}: ${JSON.stringify(text)}`);
    }
    console.log(`${name}: ${list.length} texts`);
  }
});

test("special tokens stand around a text", () => {
  const ids = (family, text) =>
    new Tokenizer(golden.families[family], {}).encode(text).ids;
  assert.deepEqual(ids("bert", "desk"), [2, 6, 3]);
  assert.deepEqual(ids("llama", "a"), [1, 266]);
  assert.deepEqual(ids("gpt-2", "a"), [0]);
});
