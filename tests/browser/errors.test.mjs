/** What goes wrong has the platform's name and says what it is about: in calls, in options, in briefs. */
import assert from "node:assert/strict";
import { eachBrowser } from "./support/each.mjs";

const ready = async () => {
  globalThis.writer = await Copywright.create();
};

eachBrowser(
  (t, test) => {
    /** Runs each case in the page and reports all that are not as they should be, not only the first. */
    const check = async (cases, run) => {
      const wrong = [];
      for (const [input, name, message] of cases) {
        const error = await t.page.run(run, input);
        if (error.name !== name || !message.test(error.message)) {
          wrong.push(
            `${JSON.stringify(input)}: ${error.name}: ${error.message}; expected ${name}, ${message}`,
          );
        }
      }
      console.log(`${t.name}: ${cases.length} cases`);
      assert.deepEqual(wrong, []);
    };

    test("briefs", async () => {
      const brief = { format: "tagline", name: "Lumen Arc" };
      await check(
        [
          [{ ...brief, format: "haiku" }, "TypeError", /format|haiku/],
          [{ name: "Lumen Arc" }, "TypeError", /format/],
          [{ format: "tagline" }, "TypeError", /name/],
          [{ ...brief, name: " " }, "TypeError", /name/],
          [{ ...brief, name: 7 }, "TypeError", /name/],
          [{ ...brief, colour: "red" }, "TypeError", /colour/],
          [{ ...brief, features: "folds flat" }, "TypeError", /features/],
          [{ ...brief, features: ["a", ""] }, "TypeError", /features\[1\]/],
          [{ ...brief, tone: "loud" }, "TypeError", /tone|loud/],
          [{ ...brief, facts: { price: true } }, "TypeError", /facts/],
          [{ ...brief, context: { mood: "dark" } }, "TypeError", /mood/],
          [
            { ...brief, must: Array.from({ length: 33 }, () => "x") },
            "TypeError",
            /must/,
          ],
          [{ ...brief, maxChars: 10_000 }, "TypeError", /maxChars/],
          [
            { ...brief, must: ["cheap"], never: ["Cheap"] },
            "TypeError",
            /must\[0\] "cheap" .* never\[0\]/,
          ],
          [
            { ...brief, format: "support-reply" },
            "TypeError",
            /context\.question/,
          ],
          [{ ...brief, language: "!" }, "TypeError", /language/],
          [{ ...brief, language: "de" }, "NotSupportedError", /de\b/],
          [7, "TypeError", /brief|input/],
          [null, "TypeError", /brief|input/],
        ],
        (input) => caught(() => writer.write(input)),
      );
      const lines = await t.page.run(() =>
        caught(() =>
          read(writer.writeStreaming({ format: "haiku", name: "x" })),
        ),
      );
      assert.equal(lines.name, "TypeError", "a stream fails the same way");
    });

    test("options of a call", async () => {
      await check(
        [
          [{ temperature: -1 }, "TypeError", /temperature/],
          [{ temperature: "hot" }, "TypeError", /temperature/],
          [{ topP: 2 }, "TypeError", /topP/],
          [{ n: 0 }, "TypeError", /\bn\b/],
          [{ n: 9 }, "TypeError", /\bn\b/],
          [{ seed: -1 }, "TypeError", /seed/],
          [{ seed: 1.5 }, "TypeError", /seed/],
          [{ maxTokens: -1 }, "TypeError", /maxTokens/],
          [{ stop: 7 }, "TypeError", /stop/],
          [{ logitBias: { 1: 1000 } }, "TypeError", /logitBias/],
          [{ logitBias: { a: 1 } }, "TypeError", /logitBias/],
          [{ noRepeatNgramSize: 1000 }, "TypeError", /noRepeatNgramSize/],
          [{ maxToken: 3 }, "TypeError", /maxToken\b/],
          [{ signal: "now" }, "TypeError", /signal/],
          [{ onDelta: 3 }, "TypeError", /onDelta/],
        ],
        (options) => caught(() => writer.variants(brief, options)),
      );
    });

    test("requests for completions", async () => {
      await check(
        [
          [{ prompt: "a", n: 9 }, "TypeError", /\bn\b/],
          [{ prompt: "a", temperature: 3 }, "TypeError", /temperature/],
          [{ prompt: "a", temperature: "hot" }, "TypeError", /temperature/],
          [{ prompt: "a", top_p: -1 }, "TypeError", /top_?p/i],
          [{ prompt: "a", logprobs: 6 }, "TypeError", /logprobs/],
          [
            { prompt: "a", logit_bias: { 99999: 1 } },
            "TypeError",
            /logit_?bias/i,
          ],
          [{ prompt: "a", max_tokens: "many" }, "TypeError", /max_tokens/],
          [{ prompt: "" }, "TypeError", /prompt/],
          [{ prompt: 7 }, "TypeError", /prompt/],
          [{}, "TypeError", /prompt/],
          [{ prompt: "a", best_of: 2 }, "TypeError", /best_of/],
        ],
        (request) => caught(() => writer.complete(request)),
      );
    });

    test("options of create and availability", async () => {
      const cases = [
        [{ tone: "loud" }, "TypeError", /tone/],
        [{ format: "haiku" }, "TypeError", /format/],
        [{ precision: "f64" }, "TypeError", /precision/],
        [{ powerPreference: "most" }, "TypeError", /powerPreference/],
        [{ model: "http://[" }, "TypeError", /model/],
        [{ model: 7 }, "TypeError", /model/],
        [{ model: null }, "TypeError", /model/],
        [{ model: { name: "no files" } }, "TypeError", /model/],
        [{ base: "http://[" }, "TypeError", /base/],
        [{ mirrors: "/m/" }, "TypeError", /mirrors/],
        [{ mirrors: ["http://["] }, "TypeError", /mirrors/],
        [{ storage: "disk" }, "TypeError", /storage/],
        [{ storage: true }, "TypeError", /storage/],
        [{ stallTimeout: 0 }, "TypeError", /stallTimeout/],
        [{ stallTimeout: "long" }, "TypeError", /stallTimeout/],
        [{ sharedContext: "text" }, "TypeError", /sharedContext/],
        [{ language: "not a tag" }, "RangeError", /not a tag/],
      ];
      await check(cases, (options) => caught(() => Copywright.create(options)));
      await check(cases, (options) =>
        caught(() => Copywright.availability(options)),
      );
      await check(
        [[{ language: "de" }, "NotSupportedError", /de\b/]],
        (options) => caught(() => Copywright.create(options)),
      );
      const languages = await t.page.run(async () => {
        const ask = (language) => Copywright.availability({ language });
        return [await ask("de"), await ask("en"), await ask("en-GB")];
      });
      assert.deepEqual(languages, ["unavailable", "available", "available"]);
      const constructed = await t.page.run(() =>
        caught(async () => new Copywright()),
      );
      assert.equal(constructed.name, "TypeError");
    });

    test("16-bit floats, where the adapter has none, and where it has", async () => {
      const { has, error, available, used } = await t.page.run(async () => {
        const adapter = await navigator.gpu.requestAdapter();
        const has = adapter.features.has("shader-f16");
        const available = await Copywright.availability({ precision: "f16" });
        let used;
        const error = await caught(async () => {
          const half = await Copywright.create({ precision: "f16" });
          used = half.adapter.f16;
          half.destroy();
        });
        return { has, error, available, used };
      });
      console.log(`${t.name}: shader-f16 ${has}`);
      if (has) {
        assert.deepEqual(
          [error.name, available, used],
          ["nothing", "downloadable", true],
        );
      } else {
        assert.deepEqual(
          [error.name, available],
          ["NotSupportedError", "unavailable"],
        );
        assert.match(error.message, /f16/);
      }
      if (t.name === "chromium")
        assert.equal(
          has,
          false,
          "SwiftShader has no 16-bit floats: the refusal was tested",
        );
    });

    test("too much", async () => {
      const { long, many, usage, quota } = await t.page.run(async () => {
        const long = {
          ...brief,
          features: Array.from({ length: 32 }, () =>
            "folds flat and dims with a tap ".repeat(15),
          ),
        };
        return {
          long: await caught(() => writer.write(long)),
          usage: await writer.measureInputUsage(long),
          many: await caught(() =>
            writer.complete({ prompt: "Desk lamps that", max_tokens: 5000 }),
          ),
          quota: writer.inputQuota,
        };
      });
      console.log(`${t.name}: ${JSON.stringify(long)}`);
      assert.equal(long.name, "QuotaExceededError");
      assert.equal(long.isError, true);
      assert.equal(long.requested, usage);
      assert.ok(long.quota > 0 && long.quota < long.requested);
      assert.ok(usage > quota);
      assert.equal(many.name, "QuotaExceededError");
      assert.ok(
        many.requested > many.quota,
        `${many.requested} of ${many.quota}`,
      );
      const text = await t.page.run(() =>
        writer.write(brief, { seed: 1, maxTokens: 4 }),
      );
      assert.ok(text.length > 0, "the writer goes on");
    });

    test("a destroyed writer", async () => {
      const outcomes = await t.page.run(async () => {
        const options = { seed: 1, maxTokens: 100, logitBias: { 0: -100 } };
        const doomed = await Copywright.create({ model: "/m/doomed/" });
        const reader = doomed.writeStreaming(brief, options).getReader();
        await reader.read();
        const pending = {
          write: caught(() => doomed.write(brief, options)),
          complete: caught(() => doomed.complete({ prompt: "a" })),
          measure: caught(() => doomed.measureInputUsage(brief)),
          counters: caught(() => doomed.counters()),
        };
        doomed.destroy();
        const rest = caught(async () => {
          while (!(await reader.read()).done);
        });
        const later = {
          write: caught(() => doomed.write(brief)),
          empty: caught(() => doomed.write("")),
          variants: caught(() => doomed.variants(brief)),
          stream: caught(() => read(doomed.writeStreaming(brief))),
          complete: caught(() => doomed.complete({ prompt: "a" })),
          chunks: caught(() =>
            read(doomed.complete({ prompt: "a", stream: true })),
          ),
          measure: caught(() => doomed.measureInputUsage(brief)),
          counters: caught(() => doomed.counters()),
        };
        const names = async (all) =>
          Object.fromEntries(
            await Promise.all(
              Object.entries(all).map(async ([k, v]) => [k, (await v).name]),
            ),
          );
        return {
          pending: await names({ ...pending, rest }),
          later: await names(later),
        };
      });
      for (const [what, name] of Object.entries(outcomes.pending))
        assert.equal(name, "AbortError", what);
      for (const [what, name] of Object.entries(outcomes.later))
        assert.equal(name, "InvalidStateError", what);
    });

    test("the signal of create() destroys the writer, with its reason", async () => {
      const { pending, later, alive } = await t.page.run(async () => {
        const controller = new AbortController();
        const doomed = await Copywright.create({
          model: "/m/signal/",
          signal: controller.signal,
        });
        const pending = caught(() => doomed.write(brief, { maxTokens: 50 }));
        controller.abort(new RangeError("closing time"));
        const later = await caught(() => doomed.write(brief));
        return {
          pending: await pending,
          later,
          alive: await Copywright.availability({ model: "/m/signal/" }),
        };
      });
      assert.deepEqual(
        [pending.name, pending.message],
        ["RangeError", "closing time"],
      );
      assert.equal(later.name, "InvalidStateError");
      assert.equal(alive, "downloadable");
    });
  },
  { ready },
);
