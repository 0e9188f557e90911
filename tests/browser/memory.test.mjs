/** Nothing grows: not the GPU's memory, not the module's, not the number of workers. Texts are short: SwiftShader is slow. */
import assert from "node:assert/strict";
import { eachBrowser } from "./support/each.mjs";

/** Whatever a text left behind would show after one; SwiftShader takes a third of a second for each. */
const GENERATIONS = { chromium: 60, firefox: 200 };
/** Each of them compiles everything anew, which takes SwiftShader seconds. */
const ROUNDS = { chromium: 6, firefox: 20 };

eachBrowser(
  (t, test) => {
    test(`${GENERATIONS[t.name]} short texts`, async () => {
      const { before, after, made } = await t.page.run(async (count) => {
        const writer = await Copywright.create();
        const shapes = [
          (seed) => writer.complete({ prompt: "Lamp", max_tokens: 1, seed }),
          (seed) =>
            writer.complete({
              prompt: "A desk lamp",
              max_tokens: 1,
              n: 2,
              seed,
              logprobs: 1,
            }),
          (seed) =>
            writer.complete({
              prompt: "Desks",
              max_tokens: 2,
              seed,
              logit_bias: { 5: 1 },
            }),
        ];
        const size = async () => ({
          gpu: (await writer.counters()).gpuBytes,
          heap: (await totals()).heapBytes,
        });
        // Each shape twice: then everything has been made, and the heap has its size.
        for (let i = 0; i < 6; i++) await shapes[i % 3](i);
        const before = { ...(await size()), ...(await writer.counters()) };
        for (let i = 0; i < count; i++) {
          if (i % 40 === 17) {
            const controller = new AbortController();
            const aborted = caught(() =>
              writer.complete(
                { prompt: "Lamp", max_tokens: 50, seed: i },
                { signal: controller.signal },
              ),
            );
            controller.abort();
            await aborted;
          } else {
            await shapes[i % 3](i);
          }
        }
        const after = { ...(await size()), ...(await writer.counters()) };
        writer.destroy();
        await until("the worker's end", () => workers.size === 0);
        const made =
          after.buffers +
          after.bindGroups +
          after.pipelines -
          before.buffers -
          before.bindGroups -
          before.pipelines;
        return { before, after, made };
      }, GENERATIONS[t.name]);
      console.log(
        `${t.name}: GPU ${before.gpu} -> ${after.gpu}, heap ${before.heap} -> ${after.heap} bytes`,
      );
      assert.ok(
        before.gpu > 5_000_000 && before.heap > 1_000_000,
        "both are measured",
      );
      assert.equal(after.gpu, before.gpu);
      assert.equal(after.heap, before.heap);
      assert.equal(
        made,
        0,
        "buffers, bind groups and pipelines made on the way",
      );
    });

    test(`${ROUNDS[t.name]} writers, one after the other`, async () => {
      const rounds = await t.page.run(async (count) => {
        const rounds = [];
        for (let i = 0; i < count; i++) {
          const writer = await Copywright.create();
          // The new worker only: those of earlier rounds may take a moment to go.
          const heapBytes = (await totals(1)).heapBytes;
          rounds.push({
            gpuBytes: (await writer.counters()).gpuBytes,
            heapBytes,
          });
          writer.destroy();
        }
        await until("the workers' end", () => workers.size === 0);
        return rounds;
      }, ROUNDS[t.name]);
      const heaps = rounds.map((round) => round.heapBytes);
      console.log(
        `${t.name}: GPU ${rounds.at(-1).gpuBytes}, heaps ${heaps.join(" ")}`,
      );
      for (const { gpuBytes } of rounds)
        assert.equal(gpuBytes, rounds[0].gpuBytes);
      // Each worker has a heap of its own; how the download was cut into chunks shows in it, but no more than that.
      assert.ok(
        Math.max(...heaps) < 2 * Math.min(...heaps) &&
          Math.max(...heaps) < 16_000_000,
        `heaps ${heaps}`,
      );
    });

    test("20 writers of one engine", async () => {
      const { before, after } = await t.page.run(async (count) => {
        const keeper = await Copywright.create();
        const use = async () => {
          const writer = await Copywright.create();
          await writer.complete({
            prompt: "Lamp",
            max_tokens: 1,
            temperature: 0,
          });
          writer.destroy();
        };
        const size = async () => ({
          gpu: (await keeper.counters()).gpuBytes,
          heap: (await totals()).heapBytes,
          devices: (await totals()).devices,
        });
        await use();
        const before = await size();
        for (let i = 0; i < count; i++) await use();
        const after = await size();
        keeper.destroy();
        return { before, after };
      }, 20);
      assert.deepEqual(after, before);
    });
  },
  { counted: true },
);
