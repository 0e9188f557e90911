/** What a token costs, counted where WebGPU itself is called, and whether the engine's own counters tell the truth. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { eachBrowser } from "./support/each.mjs";
import { ROOT } from "./support/server.mjs";

const { num_hidden_layers: layers, vocab_size: vocabulary } = JSON.parse(
  await readFile(join(ROOT, "models/default/config.json"), "utf8"),
);

/** What the engine counts under the same names. */
const COUNTED = [
  "buffers",
  "bindGroups",
  "pipelines",
  "passes",
  "dispatches",
  "submits",
];

const ready = async () => {
  globalThis.writer = await Copywright.create();
  /** Runs to its last token, whatever the model would rather do. */
  globalThis.run = (n, maxTokens, stepsPerReadback) =>
    writer.variants(brief, {
      n,
      maxTokens,
      seed: 1,
      stepsPerReadback,
      logitBias: { 0: -100 },
    });
};

eachBrowser(
  (t, test) => {
    /** What `k` steps more cost that share a readback: counted below the engine, and by the engine. */
    const steps = (n, k) =>
      t.page.run(
        async ([n, k]) => {
          const count = async () => ({
            wrapped: await totals(),
            counters: await writer.counters(),
          });
          const difference = (later, earlier) =>
            Object.fromEntries(
              Object.keys(earlier)
                .filter((key) => key !== "problems")
                .map((key) => [key, later[key] - earlier[key]]),
            );
          // The longest first: it makes what it needs.
          const copies = await run(n, 2 * k + 1, k);
          const marks = [await count()];
          await run(n, 2 * k + 1, k);
          marks.push(await count());
          await run(n, k + 1, k);
          marks.push(await count());
          const cost = (by) =>
            difference(
              difference(marks[1][by], marks[0][by]),
              difference(marks[2][by], marks[1][by]),
            );
          return {
            tokens: copies.map((copy) => copy.usage.completionTokens),
            wrapped: cost("wrapped"),
            counters: cost("counters"),
          };
        },
        [n, k],
      );

    for (const [n, k] of [
      [1, 8],
      [8, 4],
    ]) {
      test(`${k} steps of ${n === 1 ? "one text" : `${n} texts`}`, async () => {
        const { tokens, wrapped, counters } = await steps(n, k);
        console.log(
          `${t.name}, ${n} at once, ${k} steps: ${JSON.stringify(wrapped)}`,
        );
        assert.deepEqual(
          tokens,
          Array(n).fill(2 * k + 1),
          "all run to the end",
        );
        for (const made of [
          "devices",
          "buffers",
          "bindGroups",
          "pipelines",
          "shaders",
        ])
          assert.equal(wrapped[made], 0, `${made} made`);
        assert.equal(wrapped.submits, k, "one submission a step");
        assert.equal(wrapped.passes, k, "one pass a step");
        assert.equal(wrapped.maps, 1, `one readback for ${k} steps`);
        assert.equal(wrapped.writtenBytes, 0, "nothing goes up");
        assert.ok(
          wrapped.dispatches <= k * (7 * layers + 4),
          `${wrapped.dispatches / k} dispatches a step`,
        );
        assert.ok(
          wrapped.dispatches >= k * layers,
          "the layers are there at all",
        );
        if (t.name === "chromium")
          assert.equal(
            wrapped.emptySubmits,
            0,
            "no other browser than Firefox is fed",
          );
        // The engine's own counters say the same.
        const { readbacks, uploadedBytes, ...same } = counters;
        assert.deepEqual(
          [readbacks, uploadedBytes],
          [wrapped.maps, wrapped.writtenBytes],
        );
        for (const name of COUNTED)
          assert.equal(same[name], wrapped[name], name);
      });
    }

    test("the engine's counters have counted everything since it was made", async () => {
      const { wrapped, counters } = await t.page.run(async () => ({
        wrapped: await totals(),
        counters: await writer.counters(),
      }));
      assert.equal(wrapped.devices, 1);
      for (const name of COUNTED)
        assert.equal(counters[name], wrapped[name], name);
      assert.equal(counters.readbacks, wrapped.maps);
      assert.ok(counters.uploadedBytes >= 5_000_000, "the weights went up");
      assert.equal(counters.uploadedBytes, wrapped.writtenBytes);
    });

    test("a call on a warm engine makes nothing", async () => {
      const { before, first, second } = await t.page.run(async () => {
        const before = await totals();
        await run(1, 9, 8);
        const first = await totals();
        await writer.write(
          { ...brief, name: "Lumen Arc 2" },
          { maxTokens: 4, seed: 2 },
        );
        return { before, first, second: await totals() };
      });
      for (const made of [
        "devices",
        "buffers",
        "bindGroups",
        "pipelines",
        "shaders",
      ])
        assert.equal(second[made], before[made], made);
      // Two steps alone, so that text comes soon, then seven that share a readback.
      assert.equal(first.maps - before.maps, 3);
      // The bias is as long as the vocabulary; the rest is a prompt of some 40 tokens, its state and its settings.
      const bytes = first.writtenBytes - before.writtenBytes;
      assert.ok(bytes < vocabulary * 4 + 1024, `${bytes} bytes up`);
    });
  },
  { counted: true, ready },
);
