/** Briefs become text: whole, in pieces, in variants; the same text for the same seed whichever way it is asked for. */
import assert from "node:assert/strict";
import { eachBrowser } from "./support/each.mjs";

const ready = async () => {
  globalThis.writer = await Copywright.create();
};

eachBrowser(
  (t, test) => {
    test("a stream's pieces together are what write gives", async () => {
      const { whole, pieces, again } = await t.page.run(async () => {
        const options = { seed: 5, maxTokens: 12 };
        const whole = await writer.write(brief, options);
        const pieces = await read(
          writer.writeStreaming(brief, { ...options, stepsPerReadback: 4 }),
        );
        return { whole, pieces, again: await writer.write(brief, options) };
      });
      console.log(`${t.name}: ${JSON.stringify(pieces)}`);
      assert.ok(whole.length > 0);
      assert.ok(pieces.length > 2, "it comes in pieces");
      assert.ok(
        pieces.every((piece) => piece.length > 0),
        "no piece is empty",
      );
      assert.equal(pieces.join(""), whole);
      assert.equal(again, whole);
    });

    test("variants are what single writes with seed + i give", async () => {
      const { copies, singles, deltas } = await t.page.run(async () => {
        const options = { seed: 40, maxTokens: 8 };
        const deltas = ["", "", ""];
        const onDelta = ({ index, text }) => {
          deltas[index] += text;
        };
        const copies = await writer.variants(brief, {
          ...options,
          n: 3,
          onDelta,
        });
        const singles = [];
        for (let i = 0; i < 3; i++)
          singles.push(await writer.write(brief, { ...options, seed: 40 + i }));
        return { copies, singles, deltas };
      });
      const texts = copies.map((copy) => copy.text);
      console.log(`${t.name}: ${JSON.stringify(texts)}`);
      assert.deepEqual(texts, singles);
      assert.deepEqual(deltas, singles);
      assert.equal(new Set(texts).size, 3, "three seeds, three texts");
      assert.deepEqual(
        copies.map((copy) => copy.seed),
        [40, 41, 42],
      );
    });

    test("a copy comes with what is known about it", async () => {
      const { copy, twin, other, usage } = await t.page.run(async () => {
        const one = async (input, options) =>
          (await writer.variants(input, options))[0];
        const limits = { seed: 3, maxTokens: 6 };
        return {
          copy: await one(brief, limits),
          twin: await one(structuredClone(brief), limits),
          other: await one({ ...brief, name: "Lumen Arc 2" }, limits),
          usage: await writer.measureInputUsage(brief),
        };
      });
      const { name, version } = await t.page.run(() => writer.model);
      assert.equal(copy.model, `${name}@${version}`);
      assert.match(copy.briefHash, /^[0-9a-f]{16}$/);
      assert.equal(copy.briefHash, twin.briefHash);
      assert.notEqual(copy.briefHash, other.briefHash);
      assert.equal(copy.usage.promptTokens, usage);
      assert.ok(
        copy.usage.completionTokens >= 1 && copy.usage.completionTokens <= 6,
      );
      assert.equal(
        copy.finishReason,
        copy.usage.completionTokens === 6 ? "length" : "stop",
      );
      assert.ok(
        copy.timing.firstTokenMs > 0 && copy.timing.tokensPerSecond > 0,
      );
      assert.ok(copy.checks.length > 0);
      const length = new TextEncoder().encode(copy.text).length;
      for (const { rule, pass, detail, spans } of copy.checks) {
        assert.deepEqual(
          [typeof rule, typeof pass, typeof detail],
          ["string", "boolean", "string"],
        );
        for (const [start, end] of spans)
          assert.ok(0 <= start && start < end && end <= length, rule);
      }
      assert.ok(copy.checks.some((check) => check.rule === "length"));
    });

    test("copy under rules comes when it has passed", async () => {
      const { copies, missing, deltas, error } = await t.page.run(async () => {
        const rules = { seed: 3, unconstrained: false };
        const deltas = [];
        const copies = await writer.variants(
          { ...brief, format: "tagline" },
          { ...rules, n: 3, attempts: 8, onDelta: (d) => deltas.push(d) },
        );
        // A stop string that leaves the first word of each text, which is not all of the name.
        const cut = { ...rules, stop: [" "], attempts: 2 };
        return {
          copies: [...copies],
          missing: copies.missing,
          deltas,
          error: await caught(() => writer.write(brief, cut)),
        };
      });
      console.log(
        `${t.name}: ${JSON.stringify({ texts: copies.map((c) => c.text), missing, error })}`,
      );
      assert.equal(copies.length + missing.length, 3);
      for (const { checks, attempts, score } of copies) {
        assert.ok(checks.every(({ pass }) => pass));
        assert.ok(attempts >= 1 && Number.isFinite(score));
      }
      assert.deepEqual(
        deltas,
        copies.map(({ text }, index) => ({ index, text })),
        "each comes once, whole, under its place",
      );
      assert.equal(error.name, "ConstraintError");
      assert.match(error.message, /seed 3 breaks .*name/);
    });

    test("without a seed, one is drawn and told", async () => {
      const { first, second, again } = await t.page.run(async () => {
        const one = async (options) =>
          (
            await writer.variants(brief, {
              ...options,
              maxTokens: 6,
            })
          )[0];
        const first = await one({});
        const second = await one({});
        return { first, second, again: await one({ seed: first.seed }) };
      });
      assert.notEqual(first.seed, second.seed);
      assert.equal(again.text, first.text);
    });

    test("sampling options reach the GPU", async () => {
      const texts = await t.page.run(async () => {
        const write = (options) =>
          writer.write(brief, {
            seed: 9,
            maxTokens: 8,
            ...options,
          });
        const greedy = await write({ temperature: 0 });
        // A stop string that begins within a token, and is found wherever it comes first.
        const stop = greedy.slice(7, 12);
        return {
          greedy: [greedy, await write({ temperature: 0, seed: 10 })],
          stop,
          topK: await write({ topK: 1 }),
          topP: await write({ topP: 0 }),
          minP: await write({ minP: 1 }),
          hot: await write({ temperature: 2 }),
          plain: await write({}),
          stopped: await write({ temperature: 0, stop: [stop] }),
        };
      });
      console.log(`${t.name}: ${JSON.stringify(texts)}`);
      const [greedy, otherSeed] = texts.greedy;
      assert.equal(otherSeed, greedy, "greedy needs no seed");
      for (const name of ["topK", "topP", "minP"])
        assert.equal(
          texts[name],
          greedy,
          `${name} leaves the likeliest token only`,
        );
      assert.notEqual(texts.hot, texts.plain);
      assert.ok(
        texts.stop.length === 5 && greedy.includes(texts.stop),
        "the stop string is there without the stop",
      );
      assert.equal(texts.stopped, greedy.slice(0, greedy.indexOf(texts.stop)));
    });

    test("plain text is an input, and nothing gives nothing", async () => {
      const { text, usage, empty, streamed, nothing, none } = await t.page.run(
        async () => ({
          text: await writer.write("Lumen Arc: dims with a tap, folds flat", {
            seed: 1,
            maxTokens: 4,
          }),
          usage: await writer.measureInputUsage(
            "Lumen Arc: dims with a tap, folds flat",
          ),
          empty: await writer.write(""),
          streamed: await read(writer.writeStreaming("")),
          nothing: await writer.measureInputUsage(""),
          none: await writer.variants("", { n: 2 }),
        }),
      );
      assert.ok(text.length > 0);
      assert.ok(usage > 8 && usage < 100, `${usage} tokens`);
      assert.equal(empty, "");
      assert.deepEqual(streamed, []);
      assert.equal(nothing, 0);
      assert.deepEqual(none, []);
    });

    test("an input's usage grows with it and is below the quota", async () => {
      const { small, large, quota } = await t.page.run(async () => ({
        small: await writer.measureInputUsage({
          format: "tagline",
          name: "Lumen Arc",
        }),
        large: await writer.measureInputUsage(brief),
        quota: writer.inputQuota,
      }));
      console.log(`${t.name}: ${small} < ${large} < ${quota}`);
      assert.ok(0 < small && small < large && large < quota);
    });

    test("a writer's defaults stand in for what a brief lacks, and only for that", async () => {
      const result = await t.page.run(async () => {
        const { tone, format, ...rest } = brief;
        const own = await Copywright.create({
          tone,
          format,
          sharedContext: { audience: "students", brand: "Ilo" },
        });
        const hash = async (writer, input) =>
          (
            await writer.variants(input, {
              seed: 1,
              maxTokens: 1,
            })
          )[0].briefHash;
        const full = { ...brief, audience: "students", brand: "Ilo" };
        const result = {
          fromDefaults: await hash(own, rest),
          spelledOut: await hash(writer, full),
          overridden: await hash(own, {
            ...rest,
            tone: "bold",
            audience: "nurses",
          }),
          overriddenSpelledOut: await hash(writer, {
            ...full,
            tone: "bold",
            audience: "nurses",
          }),
          without: await caught(() => writer.write(rest)),
        };
        own.destroy();
        return result;
      });
      assert.equal(result.fromDefaults, result.spelledOut);
      assert.equal(result.overridden, result.overriddenSpelledOut);
      assert.notEqual(result.overridden, result.fromDefaults);
      assert.equal(result.without.name, "TypeError");
      assert.match(result.without.message, /format/);
    });
  },
  { ready },
);
