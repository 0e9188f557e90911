/** How GGUF files are handed to an engine; the engine here only writes down what it was given. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { ROOT } from "./support/server.mjs";

const { build } = createRequire(join(ROOT, "www/package.json"))("esbuild");
const folder = await mkdtemp(join(tmpdir(), "copywright-"));
const outfile = join(folder, "gguf.mjs");
await build({
  entryPoints: [join(ROOT, "www/src/gguf.ts")],
  bundle: true,
  format: "esm",
  outfile,
});
const { loadGguf, parts } = await import(pathToFileURL(outfile).href);
after(() => rm(folder, { recursive: true }));

const TOKENIZER = JSON.stringify({
  model: { type: "BPE", vocab: { a: 0, b: 1 }, merges: [] },
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: null,
  post_processor: null,
  decoder: null,
});

/** Loads files of these sizes in chunks; the engine begins once it has `need` bytes. */
async function load(sizes, need, chunk = 100_000) {
  const files = sizes.map((size, i) => ({ path: `${i}.gguf`, size }));
  const heads = [];
  const given = files.map(() => []);
  const done = [];
  let finished;
  const engine = {
    beginGguf(list, head) {
      assert.deepEqual(JSON.parse(list), files);
      heads.push(head.length);
      return head.length >= need;
    },
    tokenizerJson: () => TOKENIZER,
    async finishModel(json, tokenizer) {
      finished = [json, [...tokenizer.encode("ab")]];
    },
  };
  const byte = (file, at) => (file * 31 + at * 7) & 255;
  async function* bytes({ path, size }) {
    const file = Number.parseInt(path);
    for (let at = 0; at < size; at += chunk)
      yield Uint8Array.from({ length: Math.min(chunk, size - at) }, (_, i) =>
        byte(file, at + i),
      );
  }
  const push = async ({ path }, piece) => {
    assert.ok(heads.at(-1) >= need, "nothing is pushed before the beginning");
    for (const each of piece) given[Number.parseInt(path)].push(each);
  };
  await loadGguf(engine, "none", files, bytes, push, async ({ path }) => {
    done.push(path);
  });
  for (const [file, { size }] of files.entries()) {
    assert.equal(given[file].length, size);
    assert.ok(
      given[file].every((each, at) => each === byte(file, at)),
      "every byte, in order, once",
    );
  }
  assert.deepEqual(
    done,
    files.map(({ path }) => path),
  );
  assert.deepEqual(finished, [TOKENIZER, [0, 1]]);
  return heads;
}

test("the head grows until the engine can begin", async () => {
  assert.deepEqual(await load([2_000_000], 1), [300_000]);
  assert.deepEqual(
    await load([2_000_000], 900_000),
    [300_000, 600_000, 1_200_000],
  );
  assert.deepEqual(await load([250_000], 250_000), [250_000], "a small file");
  assert.deepEqual(
    await load([500_000, 300_000, 7], 400_000),
    [300_000, 500_000],
  );
});

test("a file that ends before it has begun", async () => {
  await assert.rejects(
    load([600_000, 10], 700_000),
    ({ name, message }) => name === "DataError" && message.includes("0.gguf"),
  );
});

test("names of the parts", () => {
  assert.deepEqual(parts("m-Q4_K.gguf"), ["m-Q4_K.gguf"]);
  assert.deepEqual(parts("m-00001-of-00003.gguf"), [
    "m-00001-of-00003.gguf",
    "m-00002-of-00003.gguf",
    "m-00003-of-00003.gguf",
  ]);
  assert.deepEqual(
    parts("m-00002-of-00003.gguf"),
    ["m-00002-of-00003.gguf"],
    "not the first",
  );
  assert.deepEqual(parts("m-00001-of-00001.GGUF"), ["m-00001-of-00001.GGUF"]);
});
