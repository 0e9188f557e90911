/** Giving up, in each phase: the work ends, the reason arrives, and what comes after works as if nothing had been. */
import assert from "node:assert/strict";
import { eachBrowser, until } from "./support/each.mjs";

const SEED = { seed: 3, maxTokens: 8 };
const ready = async () => {
  globalThis.writer = await Copywright.create();
  globalThis.usual = await writer.write(brief, { seed: 3, maxTokens: 8 });
  // A prompt of many slices: long to prefill.
  globalThis.long = {
    ...brief,
    features: Array.from(
      { length: 24 },
      (_, i) => `feature ${i} of the lamp that folds flat and dims with a tap`,
    ),
  };
};

eachBrowser(
  (t, test) => {
    /** The writer of this file still writes what it wrote. */
    const well = async () => {
      const [text, usual] = await t.page.run(
        async (options) => [await writer.write(brief, options), usual],
        SEED,
      );
      assert.equal(text, usual);
    };

    test("before it starts", async () => {
      const before = t.site.log.length;
      const { errors, sync } = await t.page.run(async () => {
        const signal = AbortSignal.abort(new RangeError("my reason"));
        let monitored = false;
        const calls = [
          () =>
            Copywright.create({
              model: "/m/never/",
              signal,
              monitor() {
                monitored = true;
              },
            }),
          () => writer.write(brief, { signal }),
          () => writer.variants(brief, { signal, n: 2 }),
          () => writer.complete({ prompt: "a" }, { signal }),
          () => writer.measureInputUsage(brief, { signal }),
        ];
        const errors = [];
        for (const call of calls) errors.push(await caught(call));
        const sync = [];
        for (const call of [
          () => writer.writeStreaming(brief, { signal }),
          () => writer.complete({ prompt: "a", stream: true }, { signal }),
        ]) {
          try {
            call();
            sync.push("nothing");
          } catch (error) {
            sync.push(error.message);
          }
        }
        return { errors, sync, monitored };
      });
      for (const error of errors)
        assert.deepEqual(
          [error.name, error.message],
          ["RangeError", "my reason"],
        );
      assert.deepEqual(
        sync,
        ["my reason", "my reason"],
        "streams throw at once",
      );
      assert.deepEqual(t.site.paths(before), []);
      await well();
    });

    test("during the download", async () => {
      const path = "/m/download/model.safetensors";
      const held = t.site.fault(path, { hold: 2_000_000 });
      await t.page.run(() => {
        globalThis.controller = new AbortController();
        globalThis.creation = caught(() =>
          Copywright.create({
            model: "/m/download/",
            signal: controller.signal,
          }),
        );
      });
      await held.reached;
      const error = await t.page.run(() => {
        controller.abort(new RangeError("enough"));
        return creation;
      });
      assert.deepEqual([error.name, error.message], ["RangeError", "enough"]);
      // Firefox now and then goes on with a request that its worker has given up, even when the worker has ended.
      if (t.name === "chromium") {
        await until("the end of the connection", () => held.gone);
        const entry = t.site.log.find((each) => each.path === path);
        assert.equal(entry.complete, false, "the download stopped");
      }
      t.site.heal(path);
      const text = await t.page.run(async (options) => {
        const again = await Copywright.create({ model: "/m/download/" });
        const text = await again.write(brief, options);
        again.destroy();
        return text === usual;
      }, SEED);
      assert.ok(text, "a new writer for the same model works");
      await well();
    });

    test("during compilation", async () => {
      const error = await t.page.run(async () => {
        const controller = new AbortController();
        const creation = caught(() =>
          Copywright.create({
            model: "/m/compile/",
            signal: controller.signal,
          }),
        );
        // The pipelines of a second engine come once all of its weights are here.
        const { pipelines } = await totals();
        await until(
          "the first pipeline",
          async () => (await totals()).pipelines > pipelines,
        );
        controller.abort();
        const error = await creation;
        await until("the worker's end", () => workers.size === 1);
        return error;
      });
      assert.equal(error.name, "AbortError");
      const same = await t.page.run(async (options) => {
        const again = await Copywright.create({ model: "/m/compile/" });
        const text = await again.write(brief, options);
        again.destroy();
        return text === usual;
      }, SEED);
      assert.ok(same);
      await well();
    });

    test("in a progress listener, whichever event", async () => {
      const outcomes = await t.page.run(async () => {
        const create = (model, at) => {
          const controller = new AbortController();
          const monitor = (m) =>
            m.addEventListener("downloadprogress", (e) => {
              if (e.loaded >= at) controller.abort();
            });
          return caught(async () => {
            (
              await Copywright.create({
                model,
                signal: controller.signal,
                monitor,
              })
            ).destroy();
            return controller.signal.aborted
              ? "a writer, in spite of the abort"
              : "a writer";
          });
        };
        return {
          start: await create("/m/listener/", 0),
          end: await create("/m/listener/", 1),
          shared: await create(undefined, 1),
          sharedStart: await create(undefined, 0),
        };
      });
      const expected = Object.fromEntries(
        Object.keys(outcomes).map((when) => [when, "AbortError"]),
      );
      const names = Object.fromEntries(
        Object.entries(outcomes).map(([when, { name, message }]) => [
          when,
          name === "nothing" ? message : name,
        ]),
      );
      assert.deepEqual(names, expected);
      // A worker that is still ending would take what it counted out of the next test's totals.
      await t.page.run(() =>
        until("the workers' end", () => workers.size === 1),
      );
      await well();
    });

    test("during prefill", async () => {
      const { error, whole, part, pieces, tokens } = await t.page.run(
        async () => {
          const count = async (work) => {
            const before = (await totals()).submits;
            const result = await work();
            return { result, submits: (await totals()).submits - before };
          };
          const tokens = await writer.measureInputUsage(long);
          const options = { seed: 1, maxTokens: 1 };
          const whole = (await count(() => writer.write(long, options)))
            .submits;
          const controller = new AbortController();
          const pieces = [];
          const part = await count(async () => {
            const start = (await totals()).submits;
            const work = caught(() =>
              writer.variants(long, {
                ...options,
                signal: controller.signal,
                onDelta: ({ text }) => pieces.push(text),
              }),
            );
            await until(
              "the first slice",
              async () => (await totals()).submits > start,
            );
            controller.abort();
            const error = await work;
            // The next call waits for the aborted one to end: what it submitted is all there.
            await writer.measureInputUsage(brief);
            return error;
          });
          return {
            error: part.result,
            whole,
            part: part.submits,
            pieces,
            tokens,
          };
        },
      );
      console.log(
        `${t.name}: ${tokens} tokens, ${whole} submissions; aborted after ${part}`,
      );
      assert.equal(error.name, "AbortError");
      assert.deepEqual(pieces, []);
      assert.ok(whole >= 4, "the prompt takes several slices");
      assert.ok(part < whole, "the rest was not computed");
      await well();
    });

    test("in the middle of a stream, by its signal", async () => {
      const { error, pieces, submits } = await t.page.run(async () => {
        const before = (await totals()).submits;
        const controller = new AbortController();
        const options = {
          maxTokens: 200,
          seed: 1,
          logitBias: { 0: -100 },
          signal: controller.signal,
        };
        const reader = writer.writeStreaming(brief, options).getReader();
        const pieces = [
          (await reader.read()).value,
          (await reader.read()).value,
        ];
        controller.abort(new RangeError("heard enough"));
        const error = await caught(() => reader.read());
        await writer.measureInputUsage(brief);
        return { error, pieces, submits: (await totals()).submits - before };
      });
      console.log(`${t.name}: ${submits} submissions of more than 200`);
      assert.deepEqual(
        [error.name, error.message],
        ["RangeError", "heard enough"],
      );
      assert.ok(pieces.every((piece) => piece.length > 0));
      assert.ok(submits < 120, `the work went on: ${submits} submissions`);
      await well();
    });

    test("in the middle of a stream, by cancelling it or leaving the loop", async () => {
      const { done, submits, looped } = await t.page.run(async () => {
        const before = (await totals()).submits;
        const options = { maxTokens: 200, seed: 1, logitBias: { 0: -100 } };
        const reader = writer.writeStreaming(brief, options).getReader();
        await reader.read();
        await reader.cancel();
        const { done } = await reader.read();
        let looped = 0;
        for await (const piece of writer.writeStreaming(brief, options)) {
          looped += piece.length;
          break;
        }
        await writer.measureInputUsage(brief);
        return { done, looped, submits: (await totals()).submits - before };
      });
      assert.equal(done, true, "a cancelled stream ends without an error");
      assert.ok(looped > 0);
      assert.ok(submits < 240, `the work went on: ${submits} submissions`);
      await well();
    });

    test("a stream cancelled at its very last chunk", async () => {
      const reasons = await t.page.run(async () => {
        const request = {
          prompt: "Desk lamps that",
          max_tokens: 2,
          temperature: 0,
          stream: true,
        };
        const reader = writer.complete(request).getReader();
        return new Promise((end, failed) => {
          const next = () =>
            reader.read().then(({ value }) => {
              // Called in the very turn in which the last chunk arrives, before the stream is closed.
              if (value.choices[0].finish_reason !== null)
                return reader
                  .cancel()
                  .then(() => end(value.choices[0].finish_reason));
              return next();
            }, failed);
          next();
        });
      });
      assert.ok(["stop", "length"].includes(reasons));
      await well();
    });
  },
  { counted: true, ready },
);
