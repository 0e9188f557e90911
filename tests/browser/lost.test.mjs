/** A GPU that goes away in the middle of a text is made again, and the same text goes on. */
import assert from "node:assert/strict";
import { eachBrowser } from "./support/each.mjs";

const ready = async () => {
  globalThis.writer = await Copywright.create();
  // Runs to its last token, so that there is time to lose something.
  globalThis.options = {
    seed: 4,
    maxTokens: 12,
    stepsPerReadback: 1,
    logitBias: { 0: -100 },
  };
  globalThis.usual = await writer.write(brief, options);
};

eachBrowser(
  (t, test) => {
    test("the same text goes on where it was", async () => {
      const { pieces, usual, devices } = await t.page.run(async () => {
        const before = (await totals()).devices;
        const reader = writer.writeStreaming(brief, options).getReader();
        const pieces = [];
        for (;;) {
          const { done, value } = await reader.read();
          if (done) break;
          pieces.push(value);
          if (pieces.length === 3) await lose();
        }
        return { pieces, usual, devices: (await totals()).devices - before };
      });
      console.log(`${t.name}: ${pieces.length} pieces, ${devices} new device`);
      assert.equal(devices, 1, "the GPU was lost, and one was made again");
      assert.equal(
        pieces.join(""),
        usual,
        "nothing is missing, nothing comes twice",
      );
    });

    test("between two texts", async () => {
      const { text, usual, devices } = await t.page.run(async () => {
        const before = (await totals()).devices;
        await lose();
        return {
          text: await writer.write(brief, options),
          usual,
          devices: (await totals()).devices - before,
        };
      });
      assert.equal(devices, 1, "the GPU was lost, and one was made again");
      assert.equal(text, usual);
    });

    // Nothing in it depends on the browser, and SwiftShader takes seconds for every engine.
    if (t.name === "chromium") return;
    test("a GPU that is lost again and again is an OperationError, and the writer recovers", async () => {
      const { error, text, usual } = await t.page.run(async () => {
        let over = false;
        const work = caught(() =>
          writer.write(brief, { ...options, maxTokens: 60 }),
        ).finally(() => {
          over = true;
        });
        // Whenever a new device has begun to decode, it goes.
        for (let lost = 0; lost < 3 && !over; lost++) {
          const { devices, submits } = await totals();
          await lose();
          await until(
            "a new device",
            async () => over || (await totals()).devices > devices,
          );
          await until(
            "some work",
            async () => over || (await totals()).submits > submits + 40,
          );
        }
        return {
          error: await work,
          text: await writer.write(brief, options),
          usual,
        };
      });
      console.log(`${t.name}: ${error.name}: ${error.message}`);
      assert.equal(error.name, "OperationError");
      assert.equal(text, usual);
    });
  },
  { counted: true, ready },
);
