/** Texts that tell why they are as they are: the probability of each token, what else was likely, what struck that out. */
import assert from "node:assert/strict";
import { eachBrowser } from "./support/each.mjs";
import { BRIEF, PROMPT } from "./support/example.mjs";

const ready = async () => {
  globalThis.writer = await Copywright.create();
};
const joined = (explanation) => explanation.map(({ text }) => text).join("");

/** What holds of every explanation. */
function sound({ text, explanation, finishReason, usage }) {
  assert.equal(joined(explanation), text);
  const ended = finishReason === "stop" ? 1 : 0;
  assert.equal(explanation.length, usage.completionTokens + ended);
  for (const { token, probability, alternatives } of explanation) {
    assert.ok(Number.isInteger(token) && 0 <= probability && probability <= 1);
    assert.equal(alternatives.length, 5);
    alternatives.forEach((other, i) => {
      assert.deepEqual(Object.keys(other).sort(), [
        "probability",
        "struck",
        "text",
        "token",
      ]);
      const before = alternatives[i - 1]?.probability ?? 1;
      assert.ok(0 <= other.probability && other.probability <= before);
      if (other.token !== token) return;
      assert.equal(other.probability, probability);
      assert.deepEqual(other.struck, [], "what was chosen was free");
    });
    const sum = alternatives.reduce((sum, each) => sum + each.probability, 0);
    assert.ok(sum <= 1 + 1e-4, `${sum} is no probability`);
  }
}

eachBrowser(
  (t, test) => {
    test("the probabilities are those of complete", async () => {
      const { copy, completion } = await t.page.run(
        async ([brief, prompt]) => {
          const options = { seed: 11, temperature: 0.9 };
          const [copy] = await writer.variants(brief, {
            ...options,
            maxTokens: 24,
            explain: true,
          });
          const completion = await writer.complete({
            ...options,
            prompt,
            max_tokens: 24,
            logprobs: 5,
          });
          return { copy, completion };
        },
        [BRIEF, PROMPT],
      );
      sound(copy);
      const { tokens, token_logprobs, top_logprobs } =
        completion.choices[0].logprobs;
      const steps = copy.explanation.slice(0, tokens.length);
      assert.equal(steps.length, copy.usage.completionTokens);
      const near = (a, b) =>
        assert.ok(Math.abs(a - b) < 1e-3, `${a} and ${b} differ`);
      steps.forEach(({ probability, alternatives }, i) => {
        near(probability, Math.exp(token_logprobs[i]));
        const others = Object.values(top_logprobs[i]).sort((a, b) => b - a);
        others.forEach((ln, k) =>
          near(alternatives[k].probability, Math.exp(ln)),
        );
      });
      assert.ok(
        copy.explanation.every(({ alternatives }) =>
          alternatives.every(({ struck }) => struck.length === 0),
        ),
        "without rules nothing is struck out",
      );
      const told = steps.map((s) => `${s.text} ${s.probability.toFixed(2)}`);
      console.log(`${t.name}: ${JSON.stringify(told)}`);
    });

    test("what was struck out names its rule", async () => {
      const { copies, words, again } = await t.page.run(async () => {
        const options = {
          seed: 3,
          n: 3,
          attempts: 8,
          unconstrained: false,
          explain: true,
        };
        const tagline = { ...brief, format: "tagline" };
        const copies = [...(await writer.variants(tagline, options))];
        // Terms that the model would say, forbidden: it comes to where it would, and there they are struck out.
        const own = JSON.stringify(brief).toLowerCase();
        const words = new Set(
          copies.flatMap(({ text }) => text.toLowerCase().match(/[a-z]+/g)),
        );
        for (const word of words) if (own.includes(word)) words.delete(word);
        const never = [...words];
        const again = [
          ...(await writer.variants({ ...tagline, never }, options)),
        ];
        return { copies, words: never, again };
      });
      assert.ok(copies.length > 0 && again.length > 0 && words.length > 0);
      const rules = new Set(again[0].checks.map(({ rule }) => rule));
      const struck = {};
      for (const copy of [...copies, ...again]) {
        sound(copy);
        for (const { alternatives } of copy.explanation)
          for (const { text, struck: by } of alternatives)
            for (const rule of by) (struck[rule] ??= []).push(text);
      }
      const count = (rule, [copy]) =>
        copy.explanation.filter(({ alternatives }) =>
          alternatives.some(({ struck }) => struck.includes(rule)),
        ).length;
      console.log(
        `${t.name}: never ${words.join(", ")}; struck: ${JSON.stringify(struck)}`,
      );
      assert.equal(count("never", copies), 0, "none is forbidden yet");
      assert.ok(struck.never?.length > 0, "a forbidden term was struck out");
      // That a tagline is one line is among the checks only where it is broken.
      for (const rule of Object.keys(struck))
        assert.ok(
          rules.has(rule) ||
            rule === "never" ||
            (rule === "parts" && struck.parts.every((it) => it.includes("\n"))),
          `${rule} is a rule of checks: ${[...rules].join(", ")}`,
        );
    });

    test("write gives text and explanation, and the same text as without", async () => {
      const { plain, told, none, off, copy } = await t.page.run(async () => {
        const options = { seed: 5, maxTokens: 12 };
        return {
          plain: await writer.write(brief, options),
          told: await writer.write(brief, { ...options, explain: true }),
          none: await writer.write("", { explain: true }),
          off: await writer.write(brief, { ...options, explain: false }),
          copy: (await writer.variants(brief, options))[0],
        };
      });
      assert.ok(plain.length > 0);
      assert.deepEqual(Object.keys(told), ["text", "explanation"]);
      assert.equal(told.text, plain);
      assert.equal(joined(told.explanation), plain);
      assert.deepEqual(none, { text: "", explanation: [] });
      assert.equal(off, plain);
      assert.ok(!("explanation" in copy), "nobody asked");
    });

    test("texts of many bytes, and texts that a stop string cuts", async () => {
      const { foreign, cut } = await t.page.run(async () => {
        const options = { seed: 1, temperature: 0, explain: true };
        const [foreign] = await writer.variants(
          { ...brief, format: "tagline", must: ["Šošōn 灯"] },
          { ...options, temperature: 0.7, attempts: 8, unconstrained: false },
        );
        const { text } = await writer.write(brief, {
          ...options,
          maxTokens: 20,
        });
        // From within a word on, over tokens.
        const stop = [text.slice(14, 22)];
        const [cut] = await writer.variants(brief, { ...options, stop });
        return { foreign, cut: { ...cut, stop } };
      });
      console.log(`${t.name}: ${JSON.stringify([foreign.text, cut.text])}`);
      assert.ok(foreign.text.includes("Šošōn 灯"));
      sound(foreign);
      assert.ok(
        foreign.explanation.slice(0, -1).some(({ text }) => text === ""),
        "some character has several tokens",
      );
      assert.ok(cut.text.length > 0 && !cut.text.includes(cut.stop[0]));
      assert.equal(joined(cut.explanation), cut.text);
      assert.equal(
        cut.explanation.length,
        cut.usage.completionTokens,
        "no token has ended it",
      );
    });

    test("no yes and no no is a TypeError, and an abort ends it", async () => {
      const { wrong, aborted, after, plain } = await t.page.run(async () => {
        const wrong = [];
        for (const explain of [1, "yes", {}, []])
          wrong.push(await caught(() => writer.write(brief, { explain })));
        const options = { seed: 4, maxTokens: 100, logitBias: { 0: -100 } };
        const controller = new AbortController();
        const aborted = await caught(() =>
          writer.variants(brief, {
            ...options,
            explain: true,
            signal: controller.signal,
            onDelta: () => controller.abort(new RangeError("enough")),
          }),
        );
        const short = { seed: 4, maxTokens: 8 };
        const after = await writer.write(brief, { ...short, explain: true });
        return {
          wrong,
          aborted,
          after,
          plain: await writer.write(brief, short),
        };
      });
      for (const { name, message } of wrong) {
        assert.equal(name, "TypeError");
        assert.match(message, /explain/);
      }
      assert.equal(`${aborted.name}: ${aborted.message}`, "RangeError: enough");
      assert.equal(after.text, plain);
    });
  },
  { ready },
);
