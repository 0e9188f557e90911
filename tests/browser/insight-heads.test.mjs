/** Heads on the vectors of an encoder that runs in the page: a thousand posts by way of the GPU, and what a customer wants. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { eachBrowser, until } from "./support/each.mjs";
import { ROOT } from "./support/server.mjs";

const folder = join(ROOT, "tests/fixtures/encoder/minilm");
const json = async (name) => JSON.parse(await readFile(join(folder, name)));
const config = await json("config.json");
const manifest = await json("manifest.json");
const WIDTH = config.hidden_size;
const COUNT = 1000;
const CLASSES = ["negative", "neutral", "positive"];
const INTENTS = ["question", "order", "complaint"];

/** A WordPiece tokenizer for the fixture: letters, alone and behind others, digits, and words as far as they fit. */
function tokenizer() {
  const letters = [..."abcdefghijklmnopqrstuvwxyz"];
  const words = "the it is great love terrible battery number broke wish";
  const tokens = [
    ...["[PAD]", "[CLS]", "[SEP]", "[UNK]"],
    ...letters,
    ...letters.map((letter) => `##${letter}`),
    ...[..."0123456789"].flatMap((digit) => [digit, `##${digit}`]),
    ...[...".,!?'-"],
    ...words.split(" "),
    ...["shade", "cable", "box", "manual", "colour", "switch", "remote"],
  ].slice(0, config.vocab_size);
  const named = (id) => ({ SpecialToken: { id, type_id: 0 } });
  const special = ["[CLS]", "[SEP]"];
  return JSON.stringify({
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: ["[PAD]", "[CLS]", "[SEP]", "[UNK]"].map((content, id) => ({
      ...{ id, content, special: true },
      ...{ single_word: false, lstrip: false, rstrip: false },
      normalized: false,
    })),
    normalizer: {
      ...{ type: "BertNormalizer", clean_text: true },
      ...{ handle_chinese_chars: true, strip_accents: null, lowercase: true },
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single: [
        named("[CLS]"),
        { Sequence: { id: "A", type_id: 0 } },
        named("[SEP]"),
      ],
      pair: [
        { Sequence: { id: "A", type_id: 0 } },
        { Sequence: { id: "B", type_id: 1 } },
      ],
      special_tokens: Object.fromEntries(
        special.map((id, i) => [id, { id, ids: [i + 1], tokens: [id] }]),
      ),
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      ...{ type: "WordPiece", unk_token: "[UNK]" },
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
    },
  });
}

/** Numbers that look like chance, the same each time. */
function drawn(count, seed) {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state / 2 ** 32 - 0.5) * 6;
  });
}

/** A file of heads on vectors alone, and what is in it. */
function headsOf(names) {
  const about = {
    ...{ format: "copywright-heads-1", encoder: manifest.name },
    ...{ width: String(WIDTH), heads: Object.keys(names).join() },
  };
  const header = { __metadata__: about };
  const parts = [];
  const weights = {};
  let at = 0;
  const put = (key, shape, numbers) => {
    const bytes = Buffer.from(new Float32Array(numbers).buffer);
    header[key] = {
      dtype: "F32",
      shape,
      data_offsets: [at, (at += bytes.length)],
    };
    parts.push(bytes);
    return [...new Float32Array(numbers)];
  };
  for (const [name, classes] of Object.entries(names)) {
    const seed = name.length;
    about[name] = classes.join();
    weights[name] = {
      weight: put(
        `${name}.weight`,
        [3, WIDTH],
        drawn(3 * WIDTH, seed).map((w) => 4 * w),
      ),
      bias: put(`${name}.bias`, [3], drawn(3, seed + 99)),
    };
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return { file: Buffer.concat([length, text, ...parts]), weights };
}

const all = headsOf({
  sentiment: CLASSES,
  aspect: CLASSES,
  intent: INTENTS,
});
const old = headsOf({ sentiment: CLASSES, aspect: CLASSES });

/** What a head gives each class. */
function shares({ weight, bias }, vector) {
  const length = Math.hypot(...vector);
  const logits = bias.map((b, c) =>
    vector.reduce((sum, v, i) => sum + (weight[c * WIDTH + i] * v) / length, b),
  );
  const powers = logits.map((l) => Math.exp(l - Math.max(...logits)));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((p) => p / sum);
}

const PARTS = ["shade", "cable", "box", "manual", "colour", "switch"];
const POSTS = Array.from({ length: COUNT }, (_, i) =>
  i % 3 === 0
    ? `The battery is terrible, number ${i}. It broke.`
    : `I love the ${PARTS[i % 6]}. The ${PARTS[(i * 5 + 1) % 6]} is great, number ${i}.`,
);
const SAID = [...new Set(POSTS.flatMap((post) => post.split(/(?<=\.) /)))];

/** The fixture with its tokenizer, and the heads, where the page finds them. */
function placed(site) {
  const model = "/encoder/heads/minilm/";
  const text = tokenizer();
  const size = Buffer.byteLength(text);
  const files = [...manifest.files, { path: "tokenizer.json", size }];
  site.fault(`${model}tokenizer.json`, { body: text });
  site.fault(`${model}manifest.json`, {
    body: JSON.stringify({ ...manifest, files }),
  });
  return model;
}

eachBrowser((t, test) => {
  test("a thousand posts are embedded and judged without a request, and the page has no long task", async () => {
    const model = placed(t.site);
    await t.page.run(
      async ({ model, bytes }) => {
        globalThis.insight = await import("/pkg/insight.js");
        await insight.load();
        globalThis.embedder = await Embedder.create({
          model,
          precision: "f32",
        });
        globalThis.heads = Uint8Array.from(bytes).buffer;
        await embedder.embed(["one"]);
      },
      { model, bytes: [...all.file] },
    );
    const from = t.site.log.length;
    const found = await t.page.run(
      async ({ posts, said }) => {
        const steps = [];
        let result;
        const calm = await calmly(async () => {
          steps.length = 0;
          result = await insight.research.analyse(posts, {
            ...{ embedder, heads },
            onProgress: (step) => steps.push(step),
          });
        });
        const vectors = await embedder.embed(said);
        return {
          ...calm,
          ...{ steps, result },
          vectors: vectors.map((vector) => [...vector]),
        };
      },
      { posts: POSTS, said: SAID.slice(0, 60) },
    );
    assert.deepEqual(t.site.paths(from), []);
    const { steps, result } = found;
    console.log(
      `${t.name}: ${steps.length} steps; long tasks: ${found.observed ? found.counts : "no such API"}`,
    );
    if (t.name === "chromium") {
      assert.ok(found.observed && found.proof > 0, "a long task is seen");
      assert.ok(found.counts.includes(0), `${found.counts}`);
    }
    assert.ok(steps.length > 10, "it says how far it is");
    assert.ok(steps.every(({ done }, i) => done > (steps[i - 1]?.done ?? 0)));
    assert.ok(steps.every(({ total }) => total === steps[0].total));
    assert.equal(steps.at(-1).done, steps[0].total);
    assert.ok(steps[0].total > 2 * COUNT + SAID.length);
    assert.deepEqual([result.posts, result.repeated], [COUNT, 0]);
    // The heads are chance: what counts is that each sentence is judged by its own vector.
    const wanted = new Map(
      found.vectors.map((vector, i) => [
        SAID[i],
        shares(all.weights.sentiment, vector),
      ]),
    );
    const scores = new Set();
    let compared = 0;
    for (const { sentences } of result.opinions)
      for (const { text, score } of sentences) {
        const share = wanted.get(text);
        if (!share) continue;
        const want = share[2] - share[0];
        assert.ok(Math.abs(score - want) < 1e-3, `${text}: ${score}, ${want}`);
        scores.add(score.toFixed(3));
        compared++;
      }
    console.log(`${t.name}: ${compared} sentences, ${scores.size} scores`);
    assert.ok(compared >= 60 && scores.size > 20);
  });

  test("what a customer wants has its share, without a request", async () => {
    const messages = [
      "Is the box great?",
      "The cable broke, I wish it had not",
    ];
    const from = t.site.log.length;
    const found = await t.page.run(
      async ([messages, bytes]) => {
        const { intent } = insight.support;
        const said = [];
        for (const message of messages)
          said.push(await intent(message, { embedder, heads }));
        const vectors = await embedder.embed(messages);
        const old = Uint8Array.from(bytes);
        const other = { model: { name: "another" }, embed: () => [] };
        const short = { model: embedder.model, embed: async () => [[1]] };
        const control = new AbortController();
        const waiting = caught(() =>
          intent(messages[0], { embedder, heads, signal: control.signal }),
        );
        control.abort();
        const wrong = (message, options) =>
          caught(() => intent(message, { embedder, heads, ...options }));
        return {
          said,
          vectors: vectors.map((vector) => [...vector]),
          aborted: await waiting,
          none: await wrong("Fine.", { heads: old }),
          types: [
            await wrong("", {}),
            await wrong("  ", {}),
            await wrong(7, {}),
            await wrong("Fine.", { embedder: other }),
            await wrong("Fine.", { embedder: short }),
            await wrong("Fine.", { embedder: undefined }),
            await wrong("Fine.", { heads: "heads" }),
          ],
        };
      },
      [messages, [...old.file]],
    );
    assert.deepEqual(t.site.paths(from), []);
    found.said.forEach(({ intent, probability, shares: given }, i) => {
      const want = shares(all.weights.intent, found.vectors[i]);
      const best = want.indexOf(Math.max(...want));
      assert.equal(intent, INTENTS[best], messages[i]);
      assert.ok(Math.abs(probability - want[best]) < 1e-3);
      INTENTS.forEach((name, c) =>
        assert.ok(Math.abs(given[name] - want[c]) < 1e-3, name),
      );
    });
    assert.equal(found.aborted.name, "AbortError");
    assert.equal(found.none.name, "DataError", found.none.message);
    assert.match(found.none.message, /intent/);
    for (const { name, message } of found.types)
      assert.equal(name, "TypeError", message);
  });
});
