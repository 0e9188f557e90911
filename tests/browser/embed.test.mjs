/** Embeddings: the numbers of the fixtures, by way of a tokenizer, and what is refused. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { eachBrowser } from "./support/each.mjs";
import { ROOT } from "./support/server.mjs";

const folder = join(ROOT, "tests/fixtures/encoder/bert");
const json = async (name) => JSON.parse(await readFile(join(folder, name)));
const config = await json("config.json");
const manifest = await json("manifest.json");
const { texts } = await json("expected.json");

/** The tokens of a fixture are random: its first is taken for `[CLS]`, its last for `[SEP]`, and number n between is `wn`. */
function tokenizer(ids) {
  const [first, last] = [ids[0], ids.at(-1)];
  const unknown = [...Array(config.vocab_size).keys()].find(
    (id) => !ids.includes(id),
  );
  const special = new Map([
    [first, "[CLS]"],
    [last, "[SEP]"],
  ]);
  const word = (id) => special.get(id) ?? (id === unknown ? "[UNK]" : `w${id}`);
  const vocab = Object.fromEntries(
    Array.from({ length: config.vocab_size }, (_, id) => [word(id), id]),
  );
  const named = (id) => ({ SpecialToken: { id: word(id), type_id: 0 } });
  const file = {
    version: "1.0",
    // As files on the hub have them; nothing of it may show.
    truncation: {
      max_length: 3,
      strategy: "LongestFirst",
      stride: 0,
      direction: "Right",
    },
    padding: {
      strategy: { Fixed: 8 },
      direction: "Right",
      pad_to_multiple_of: null,
      pad_id: 0,
      pad_type_id: 0,
      pad_token: "[PAD]",
    },
    added_tokens: [...special].map(([id, content]) => ({
      id,
      content,
      special: true,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
    })),
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single: [
        named(first),
        { Sequence: { id: "A", type_id: 0 } },
        named(last),
      ],
      pair: [
        { Sequence: { id: "A", type_id: 0 } },
        { Sequence: { id: "B", type_id: 1 } },
      ],
      special_tokens: Object.fromEntries(
        [first, last].map((id) => [
          word(id),
          { id: word(id), ids: [id], tokens: [word(id)] },
        ]),
      ),
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab,
    },
  };
  return {
    json: JSON.stringify(file),
    text: ids.slice(1, -1).map(word).join(" ").toUpperCase(),
  };
}

/** Puts a tokenizer beside the fixture, under a name of its own. */
function place(site, name, json) {
  const model = `/encoder/${name}/bert/`;
  const size = Buffer.byteLength(json);
  const files = [...manifest.files, { path: "tokenizer.json", size }];
  site.fault(`${model}tokenizer.json`, { body: json });
  site.fault(`${model}manifest.json`, {
    body: JSON.stringify({ ...manifest, files }),
  });
  return model;
}

/** Σ (a - b)² / Σ b² */
function nmse(got, want) {
  assert.equal(got.length, want.length);
  const sum = (of) => want.reduce((all, _, i) => all + of(i) ** 2, 0);
  return sum((i) => got[i] - want[i]) / sum((i) => want[i]);
}

eachBrowser((t, test) => {
  test("texts become the vectors that PyTorch makes of them, in any company", async () => {
    const { ids, embedding } = texts[0];
    const { json, text } = tokenizer(ids);
    const model = place(t.site, "numbers", json);
    const found = await t.page.run(
      async ({ model, text }) => {
        const loaded = [];
        const embedder = await Embedder.create({
          model,
          // What comes behind the tokens of the text is cut off.
          maxTokens: text.split(" ").length + 2,
          precision: "f32",
          monitor: (m) =>
            m.addEventListener("downloadprogress", (e) =>
              loaded.push(e.loaded),
            ),
        });
        const [whole, first, second, empty, ...many] = await embedder.embed([
          `${text} ${text}`,
          text,
          text,
          "",
          ...Array(20).fill(text),
        ]);
        const again = await embedder.embed([text]);
        const kinds = [whole, empty].map((v) => v.constructor.name);
        const same = (a, b) => a.every((v, i) => v === b[i]);
        const alike = [whole, first, second, ...many].every((v) =>
          same(v, again[0]),
        );
        const nothing = await embedder.embed([]);
        const { dimensions, maxTokens } = embedder;
        const name = embedder.model.name;
        embedder.destroy();
        return {
          vector: [...whole],
          empty: [...empty],
          kinds,
          alike,
          nothing,
          dimensions,
          maxTokens,
          name,
          ends: [loaded[0], loaded.at(-1)],
          after: await caught(() => embedder.embed(["x"])),
        };
      },
      { model, text },
    );
    const error = nmse(found.vector, embedding);
    console.log(`${t.name}: NMSE ${error.toExponential(1)}`);
    assert.ok(error < 1e-9, `NMSE ${error}`);
    assert.ok(nmse(found.empty, embedding) > 1e-3, "no text is another text");
    const length = Math.hypot(...found.empty);
    assert.ok(Math.abs(length - 1) < 1e-6, `a vector is ${length} long`);
    assert.ok(found.alike, "a text in company is what it is alone");
    assert.deepEqual(found.kinds, ["Float32Array", "Float32Array"]);
    assert.deepEqual(found.nothing, []);
    assert.deepEqual(
      [found.dimensions, found.maxTokens, found.name],
      [config.hidden_size, ids.length, manifest.name],
    );
    assert.deepEqual(found.ends, [0, 1]);
    assert.equal(found.after.name, "InvalidStateError");
  });

  test("calls are aborted, and bad ones refused", async () => {
    const { ids, embedding } = texts[3];
    const { json, text } = tokenizer(ids);
    const model = place(t.site, "calls", json);
    const found = await t.page.run(
      async ({ model, text }) => {
        const embedder = await Embedder.create({ model, precision: "f32" });
        const stop = new AbortController();
        const long = embedder.embed(Array(400).fill(text), {
          signal: stop.signal,
        });
        const aborted = caught(() => long);
        stop.abort(new DOMException("enough", "AbortError"));
        const [vector] = await embedder.embed([text]);
        const errors = {
          aborted: await aborted,
          string: await caught(() => embedder.embed(text)),
          number: await caught(() => embedder.embed([text, 7])),
          early: await caught(() =>
            embedder.embed([text], { signal: AbortSignal.abort() }),
          ),
          construct: await caught(() => new Embedder()),
          missing: await caught(() => Embedder.create({})),
          tokens: await caught(() =>
            Embedder.create({ model, maxTokens: 0.5 }),
          ),
        };
        const ended = caught(() => embedder.embed(Array(400).fill(text)));
        embedder.destroy();
        errors.ended = await ended;
        return { vector: [...vector], maxTokens: embedder.maxTokens, errors };
      },
      { model, text },
    );
    assert.ok(nmse(found.vector, embedding) < 1e-9);
    assert.equal(found.maxTokens, config.max_position_embeddings);
    const names = Object.entries(found.errors).map(([k, e]) => [k, e.name]);
    assert.deepEqual(Object.fromEntries(names), {
      aborted: "AbortError",
      string: "TypeError",
      number: "TypeError",
      early: "AbortError",
      construct: "TypeError",
      missing: "TypeError",
      tokens: "TypeError",
      ended: "AbortError",
    });
    assert.equal(found.errors.aborted.message, "enough");
    assert.match(found.errors.tokens.message, /maxTokens/);
  });

  test("writers take no encoders, embedders nothing else, before any weights are fetched", async () => {
    const { json } = tokenizer(texts[0].ids);
    const model = place(t.site, "writer", json);
    const from = t.site.log.length;
    const errors = await t.page.run(
      async (model) => ({
        writer: await caught(() => Copywright.create({ model })),
        embedder: await caught(() =>
          Embedder.create({ model: "/m/no-encoder/" }),
        ),
      }),
      model,
    );
    for (const { name, message } of Object.values(errors)) {
      assert.equal(name, "NotSupportedError");
      assert.match(message, /Embedder takes/);
    }
    const asked = t.site.paths(from);
    assert.ok(asked.includes(`${model}config.json`));
    assert.ok(
      !asked.some((path) => path.endsWith(".safetensors")),
      asked.join(),
    );
  });
});
