/** How GGUF files are handed to their reader and the engine; those here only write down what they are given. */
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
  stdin: {
    contents: `export * from "./gguf"; export { parts } from "./source";`,
    resolveDir: join(ROOT, "www/src"),
  },
  bundle: true,
  format: "esm",
  outfile,
});
const { loadGguf, parts } = await import(pathToFileURL(outfile).href);
after(() => rm(folder, { recursive: true }));

const LANGUAGE = { tokenizer: "a tokenizer", eos_token: "</s>" };

/** Loads files of these sizes in chunks; the reader knows a file once it has `need` bytes of it. */
async function load(sizes, need, chunk = 100_000) {
  const files = sizes.map((size, i) => ({ path: `${i}.gguf`, size }));
  const heads = files.map(() => []);
  const given = files.map(() => []);
  const done = [];
  let begun = false;
  let closed = false;
  let open = 0;
  const reader = {
    head(path, head, size) {
      const file = Number.parseInt(path);
      assert.equal(size, sizes[file]);
      assert.ok(head.every((each, at) => each === byte(file, at)));
      heads[file].push(head.length);
      return head.length >= need;
    },
    describe() {
      assert.ok(heads.every((each) => each.at(-1) >= need));
      return { config: "a config", lists: "lists", ...LANGUAGE };
    },
    close() {
      assert.ok(begun, "its memory goes before any weights come");
      closed = true;
    },
  };
  const engine = {
    beginDescribed(...given) {
      assert.deepEqual(given, ["the manifest", "a config", "lists", "q8"]);
      begun = true;
    },
  };
  const byte = (file, at) => (file * 31 + at * 7) & 255;
  async function* bytes({ path, size }) {
    const file = Number.parseInt(path);
    open += 1;
    try {
      for (let at = 0; at < size; at += chunk)
        yield Uint8Array.from({ length: Math.min(chunk, size - at) }, (_, i) =>
          byte(file, at + i),
        );
    } finally {
      open -= 1;
    }
  }
  const push = async ({ path }, piece) => {
    assert.ok(closed, "nothing is pushed before the beginning");
    for (const each of piece) given[Number.parseInt(path)].push(each);
  };
  const language = await loadGguf(
    reader,
    engine,
    "the manifest",
    "q8",
    files,
    bytes,
    push,
    async ({ path }) => {
      done.push(path);
    },
  ).finally(() => assert.equal(open, 0, "no file is left open"));
  assert.deepEqual(language, LANGUAGE);
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
  return heads;
}

test("the head grows until the reader knows the file", async () => {
  assert.deepEqual(await load([2_000_000], 1), [[300_000]]);
  assert.deepEqual(await load([2_000_000], 900_000), [
    [300_000, 600_000, 1_200_000],
  ]);
  assert.deepEqual(await load([250_000], 250_000), [[250_000]], "a small file");
  assert.deepEqual(await load([500_000, 300_000, 2_000_000], 300_000), [
    [300_000],
    [300_000],
    [300_000],
  ]);
});

test("a file that ends within its head", async () => {
  for (const sizes of [
    [600_000, 900_000],
    [900_000, 600_000],
  ]) {
    const short = sizes.indexOf(600_000);
    await assert.rejects(
      load(sizes, 700_000),
      ({ name, message }) =>
        name === "DataError" && message.includes(`${short}.gguf`),
    );
  }
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
