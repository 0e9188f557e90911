/** Weights that are packed on their way to the GPU: less memory, and text that still comes from the model. */
import assert from "node:assert/strict";
import { eachBrowser } from "./support/each.mjs";

eachBrowser((t, test) => {
  test("8 and 4 bits take the memory that they should, and write", async () => {
    const found = await t.page.run(async () => {
      const found = {};
      for (const quantize of ["none", "q8", "q4"]) {
        // The default model's file is packed already.
        const model = "/halves/quantize/";
        const writer = await Copywright.create({ quantize, model });
        const request = {
          prompt: "Desk lamps that",
          max_tokens: 6,
          temperature: 0,
          logprobs: 1,
        };
        const { text, logprobs } = (await writer.complete(request)).choices[0];
        found[quantize] = {
          text,
          first: logprobs.token_logprobs[0],
          bytes: (await writer.counters()).gpuBytes,
        };
        writer.destroy();
      }
      return found;
    });
    console.log(`${t.name}: ${JSON.stringify(found)}`);
    const { none, q8, q4 } = found;
    for (const { text } of [none, q8, q4]) assert.ok(text.trim().length > 0);
    // 3.1 million weights: 16, 8.5 and 4.5 bits.
    const weights = 3_145_728;
    const saved = (other) => (none.bytes - other.bytes) / weights;
    assert.ok(
      Math.abs(saved(q8) - 7.5 / 8) < 0.02,
      `${saved(q8)} bytes a weight`,
    );
    assert.ok(
      Math.abs(saved(q4) - 11.5 / 8) < 0.02,
      `${saved(q4)} bytes a weight`,
    );
    assert.ok(Math.abs(q8.first - none.first) < 0.1, "8 bits change little");
  });

  test("an unknown packing is a TypeError that names the option", async () => {
    const error = await t.page.run(() =>
      caught(() => Copywright.create({ quantize: "q5" })),
    );
    assert.equal(error.name, "TypeError");
    assert.match(error.message, /quantize/);
  });
});
