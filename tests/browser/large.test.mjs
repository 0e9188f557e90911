/** Models pass through the module's memory in pieces: however large they are, it stays small. */
import assert from "node:assert/strict";
import { eachBrowser } from "./support/each.mjs";
import { randomModel } from "./support/random.mjs";

const MODELS = {
  /** SmolLM2-135M's shape with two thirds of its layers: the largest tensor is the embedding. No layer may leave anything. */
  weights: {
    most: 16_000_000,
    hidden_size: 576,
    intermediate_size: 1536,
    num_hidden_layers: 20,
    num_attention_heads: 9,
    num_key_value_heads: 3,
    vocab_size: 49_152,
  },
  /** Gemma's number of tokens, the most that a common model has: here the tokenizer is the large file. */
  tokenizer: {
    most: 64_000_000,
    hidden_size: 64,
    intermediate_size: 64,
    num_hidden_layers: 1,
    num_attention_heads: 1,
    num_key_value_heads: 1,
    vocab_size: 262_144,
  },
};

eachBrowser(
  (t, test) => {
    for (const [kind, { most, ...shape }] of Object.entries(MODELS)) {
      test(`large ${kind}, packed into 8 bits`, async () => {
        const folder = `/m/large-${kind}/`;
        const files = randomModel(t.site, folder, shape);
        const found = await t.page.run(async (model) => {
          const begun = performance.now();
          const writer = await Copywright.create({ model, quantize: "q8" });
          const seconds = (performance.now() - begun) / 1e3;
          const request = { prompt: "Desk lamps", max_tokens: 2, seed: 1 };
          const { choices, usage } = await writer.complete(request);
          const counters = await writer.counters();
          const { heapBytes } = await totals();
          writer.destroy();
          await until("the worker's end", () => workers.size === 0);
          return { seconds, counters, heapBytes, usage, text: choices[0].text };
        }, folder);
        t.site.heal();
        const { counters, heapBytes, usage, seconds, text } = found;
        console.log(
          `${t.name}: ${files["model.safetensors"]} bytes of weights, ${files["tokenizer.json"]} of tokenizer: ` +
            `heap ${heapBytes}, GPU ${counters.gpuBytes} (at most ${counters.peakGpuBytes}), loaded in ${seconds.toFixed(1)} s; ${JSON.stringify(text)}`,
        );
        assert.ok(files["model.safetensors"] + files["tokenizer.json"] > 5e7);
        assert.equal(
          counters.heapBytes,
          heapBytes,
          "the counters tell the size of the module's memory",
        );
        assert.ok(heapBytes < most, `${heapBytes} bytes`);
        assert.equal(usage.completion_tokens, 2);
        // 8.5 of 16 bits, and what cache and scratch take.
        const packed = (files["model.safetensors"] * 8.5) / 16;
        assert.ok(
          counters.gpuBytes > packed * 0.99 &&
            counters.peakGpuBytes >= counters.gpuBytes,
          `${counters.gpuBytes} bytes hold ${packed} of weights`,
        );
      });
    }
  },
  { counted: true },
);
