/** The same seed gives the same text: however many tokens share a readback, wherever it lies in a batch, whoever waits. */
import assert from "node:assert/strict";
import { eachBrowser } from "./support/each.mjs";

const ready = async () => {
  globalThis.writer = await Copywright.create();
};

eachBrowser(
  (t, test) => {
    test("whatever the number of tokens per readback", async () => {
      const texts = await t.page.run(async () => {
        const texts = [];
        for (const stepsPerReadback of [1, 3, 16, 0]) {
          // More tokens than the largest bundle.
          const options = { seed: 77, maxTokens: 20, stepsPerReadback };
          texts.push(
            (await writer.variants(brief, { ...options, n: 2 })).map(
              (copy) => copy.text,
            ),
          );
        }
        return texts;
      });
      console.log(`${t.name}: ${JSON.stringify(texts[0])}`);
      for (const pair of texts) assert.deepEqual(pair, texts[0]);
      assert.notEqual(texts[0][0], texts[0][1], "the seeds matter");
    });

    test("wherever it lies in a batch", async () => {
      const { eight, three, one } = await t.page.run(async () => {
        const texts = async (n, seed) =>
          (await writer.variants(brief, { n, seed, maxTokens: 8 })).map(
            (copy) => copy.text,
          );
        return {
          eight: await texts(8, 300),
          three: await texts(3, 304),
          one: await texts(1, 306),
        };
      });
      assert.deepEqual(eight.slice(4, 7), three);
      assert.deepEqual(eight.slice(6, 7), one);
      assert.ok(
        new Set(eight).size > 4,
        `eight seeds gave ${JSON.stringify(eight)}`,
      );
    });

    test("seeds go on past the largest", async () => {
      const { around, zero, last } = await t.page.run(async () => {
        const texts = async (n, seed) =>
          (await writer.variants(brief, { n, seed, maxTokens: 8 })).map(
            (copy) => copy.text,
          );
        return {
          around: await texts(2, 2 ** 32 - 1),
          zero: await texts(1, 0),
          last: await texts(1, 2 ** 32 - 1),
        };
      });
      assert.deepEqual(around, [...last, ...zero]);
    });

    test("in another writer, on an engine of its own", async () => {
      const { own, other } = await t.page.run(async () => {
        const options = { seed: 5, maxTokens: 8 };
        const second = await Copywright.create({ model: "/m/other/" });
        const other = await second.write(brief, options);
        second.destroy();
        return { own: await writer.write(brief, options), other };
      });
      assert.equal(other, own);
    });
  },
  { ready },
);
