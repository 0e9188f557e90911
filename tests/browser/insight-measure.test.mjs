/** Measures and blind comparisons of `copywright/insight`: the crate's numbers reach the page, and a judge learns no source. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { eachBrowser } from "./support/each.mjs";

const near = (a, b, what) =>
  assert.ok(Math.abs(a - b) < 1e-9, `${what}: ${a} is not ${b}`);

/** Pairs of three sources; texts tell which product, and how good they are by a number that only the test knows. */
const SOURCES = ["ours", "theirs", "people"];
const PAIRS = Array.from({ length: 60 }, (_, i) => {
  const side = (source) => ({
    source,
    text: `Text ${SOURCES.indexOf(source) * 1000 + i} says six or more words about lamps.`,
  });
  return {
    id: `product-${i}`,
    a: side(SOURCES[i % 3]),
    b: side(SOURCES[(i + 1) % 3]),
  };
});

eachBrowser((t, test) => {
  test("measures are those of the crate", async () => {
    const from = t.site.log.length;
    const found = await t.page.run(async () => {
      globalThis.insight = await import("/pkg/insight.js");
      const { metrics } = insight;
      const texts = ["the cat sat on the mat", "the cat ate the mat"];
      const order = ["b", "x", "a"];
      return {
        distinct: await metrics.distinct(texts, 1),
        repetition: await metrics.repetition("a b a b", 2),
        repeats: [
          await metrics.repeats("one two three, one two three"),
          await metrics.repeats(
            "one two three, one two three",
            "One two three",
          ),
        ],
        openings: await metrics.openings(["A b c", "a b d", "c d"]),
        same: await metrics.selfBleu(["a b c d e", "a b c d e"]),
        other: await metrics.selfBleu(["a b c d", "e f g h"]),
        read: await metrics.readability("The cat sat. It was warm."),
        covered: await metrics.coverage("It dims with a tap.", [
          "dims with one tap",
          "walnut arm",
        ]),
        cost: await metrics.likelihood([Math.log(0.5), Math.log(0.5)], 2),
        classes: await metrics.classification(
          ["p", "p", "n", "n"],
          ["p", "n", "n", "n"],
        ),
        some: await metrics.classification(["p", "none"], ["none", "none"], {
          labels: ["p"],
        }),
        recall: await metrics.recallAtK(order, ["a", "b"], 2),
        nothing: await metrics.recallAtK(order, [], 2),
        ndcg: await metrics.ndcgAtK(order, [{ id: "a", gain: 1 }], 3),
        rank: await metrics.reciprocalRank(order, ["x"]),
      };
    });
    assert.deepEqual(found.distinct, { hits: 6, of: 11 });
    assert.deepEqual(found.repetition, { hits: 1, of: 3 });
    assert.deepEqual(found.repeats, [true, false]);
    assert.equal(found.openings, 2);
    near(found.same, 1, "self-BLEU of the same");
    assert.equal(found.other, 0);
    const { sentences, words, syllables } = found.read;
    assert.deepEqual([sentences, words, syllables], [2, 6, 6]);
    near(found.read.fleschReadingEase, 206.835 - 1.015 * 3 - 84.6, "Flesch");
    assert.deepEqual(found.covered.missing, ["walnut arm"]);
    near(found.cost.perplexity, 2, "perplexity");
    near(found.cost.bitsPerByte, 1, "bits per byte");
    assert.equal(found.classes.accuracy, 0.75);
    near(found.classes.macro.f1, (2 / 3 + 4 / 5) / 2, "macro-F1");
    assert.deepEqual(
      found.some.classes.map(({ label }) => label),
      ["p"],
    );
    assert.equal(found.recall, 0.5);
    assert.equal(found.nothing, null);
    near(found.ndcg, 0.5, "nDCG");
    assert.equal(found.rank, 0.5);
    assert.deepEqual(
      t.site
        .paths(from)
        .filter((path) => path.endsWith(".wasm"))
        .filter((path) => !path.includes("insight")),
      [],
    );
  });

  test("strengths are Bradley and Terry's, and the bootstrap's seed decides", async () => {
    const { two, again, other } = await t.page.run(async () => {
      const judgments = Array.from({ length: 20 }, (_, i) => ({
        a: "x",
        b: "y",
        winner: i < 14 ? "a" : "b",
      }));
      const ask = (seed) =>
        insight.metrics.preference(judgments, { seed, rounds: 7 });
      return { two: await ask(1), again: await ask(1), other: await ask(2) };
    });
    const [x, y] = two.strengths;
    assert.equal(x.name, "x");
    // Half a win for each beforehand.
    assert.ok(
      Math.abs(x.strength - y.strength - Math.log(14.5 / 6.5)) < 1e-6,
      String(x.strength - y.strength),
    );
    assert.ok(x.low < x.strength && x.strength < x.high);
    assert.deepEqual(two, again);
    assert.notDeepEqual(two.strengths, other.strengths);
  });

  test("what cannot be measured is a TypeError", async () => {
    const errors = await t.page.run(async () => {
      const { metrics } = insight;
      const twice = { a: "x", b: "x", winner: "a" };
      return [
        await caught(() => metrics.readability("")),
        await caught(() => metrics.readability("🙂🙂")),
        await caught(() => metrics.readability(7)),
        await caught(() => metrics.selfBleu(["one"])),
        await caught(() => metrics.distinct(["one"], 0)),
        await caught(() => metrics.distinct("one", 1)),
        await caught(() => metrics.classification(["a"], [])),
        await caught(() => metrics.likelihood([NaN], 1)),
        await caught(() => metrics.preference([])),
        await caught(() => metrics.preference([twice])),
        await caught(() => metrics.preference([{ ...twice, winner: "c" }])),
        await caught(() => metrics.preference([twice], { rounds: 1e9 })),
        await caught(() => metrics.recallAtK(["a"], ["a"], -1)),
      ];
    });
    for (const { name, message } of errors)
      assert.equal(name, "TypeError", message);
    const much = await t.page.run(async () =>
      caught(() => insight.metrics.readability("a ".repeat(2 ** 23 + 1))),
    );
    assert.equal(much.name, "QuotaExceededError");
  });

  test("a judge sees no source, half of the sides are turned, and the seed decides", async () => {
    const found = await t.page.run(async (pairs) => {
      const { BlindTest } = insight;
      const traps = BlindTest.traps(pairs, 6, 3);
      const make = (seed) => new BlindTest(pairs, { seed, traps });
      const test = make(1);
      return {
        traps,
        trials: test.trials,
        same: JSON.stringify(make(1).trials) === JSON.stringify(test.trials),
        other: JSON.stringify(make(2).trials) === JSON.stringify(test.trials),
        record: JSON.parse(JSON.stringify(test)),
      };
    }, PAIRS);
    assert.equal(found.trials.length, 66);
    assert.ok(found.same && !found.other);
    assert.doesNotMatch(
      JSON.stringify(found.trials),
      /ours|theirs|people|product-|trap/,
    );
    const { trials, traps } = found.record;
    assert.equal(trials.filter(({ swapped }) => swapped).length, 33);
    const order = trials.map(({ pair }) => pair);
    assert.notDeepEqual(order, [...order].sort());
    const all = new Map([...PAIRS, ...traps].map((pair) => [pair.id, pair]));
    trials.forEach(({ pair, swapped }, i) => {
      const { a, b } = all.get(pair);
      const seen = [found.trials[i].a, found.trials[i].b];
      assert.deepEqual(seen, swapped ? [b.text, a.text] : [a.text, b.text]);
    });
    assert.equal(traps.length, 6);
    const letters = (text) => text.split(" ").sort().join(" ");
    for (const { a, b } of traps) {
      assert.notEqual(a.text, b.text);
      assert.equal(letters(a.text), letters(b.text));
    }
  });

  test("a judge with a taste is understood, one who always takes the left is seen through", async () => {
    const { fair, lazy, sha256 } = await t.page.run(async (pairs) => {
      const { BlindTest } = insight;
      const traps = BlindTest.traps(pairs, 20, 3);
      const whole = new Set(pairs.flatMap(({ a, b }) => [a.text, b.text]));
      const rank = (text) => Number(text.match(/\d+/)[0]) / 1000;
      const judged = async (judge) => {
        const test = new BlindTest(pairs, { seed: 5, traps });
        while (test.next) test.vote(test.next.id, judge(test.next));
        return test.export({ rounds: 200 });
      };
      const fair = await judged(({ a, b }) => {
        if (!whole.has(a)) return "b";
        if (!whole.has(b)) return "a";
        return Math.floor(rank(a)) > Math.floor(rank(b)) ? "a" : "b";
      });
      const lazy = await judged(() => "a");
      return { fair: fair.result, lazy: lazy.result, sha256: fair };
    }, PAIRS);
    assert.deepEqual(
      fair.strengths.map(({ name }) => name),
      ["people", "theirs", "ours"],
    );
    assert.ok(fair.strengths[0].low > fair.strengths[1].high);
    assert.equal(fair.judgments, 60);
    assert.deepEqual(fair.traps, { hits: 20, of: 20 });
    for (const { low, high } of lazy.strengths)
      assert.ok(low < 0 && high > 0, "no preference");
    assert.ok(lazy.traps.hits < 17, `${lazy.traps.hits} of 20`);
    const { seed, pairs, traps } = sha256;
    assert.equal(
      sha256.sha256,
      createHash("sha256")
        .update(JSON.stringify({ seed, pairs, traps }))
        .digest("hex"),
    );
  });

  test("a test goes on from its record, and a changed record is damaged", async () => {
    const found = await t.page.run(async (pairs) => {
      const { BlindTest } = insight;
      const test = new BlindTest(pairs, {
        traps: BlindTest.traps(pairs, 2),
        provenance: { models: { ours: "1.0" }, judge: "B" },
      });
      const before = await test.export();
      for (const choice of ["a", "b", "tie"]) test.vote(test.next.id, choice);
      test.vote("1", "tie");
      const record = JSON.parse(JSON.stringify(test));
      const again = BlindTest.from(record);
      const [first] = record.votes;
      const turned = record.trials.map((each) => ({
        ...each,
        swapped: !each.swapped,
      }));
      const damaged = [
        { ...record, version: 2 },
        { ...record, seed: record.seed + 1 },
        { ...record, trials: turned },
        { ...record, votes: [{ ...first, winner: "b" }] },
        { ...record, votes: [{ ...first, trial: "99" }] },
        { ...record, pairs: [] },
        null,
      ];
      return {
        before: "result" in before,
        record,
        again: JSON.parse(JSON.stringify(again)),
        done: again.done,
        next: again.next.id,
        damaged: await Promise.all(
          damaged.map((each) => caught(() => BlindTest.from(each))),
        ),
      };
    }, PAIRS);
    assert.equal(found.before, false);
    assert.deepEqual(found.again, found.record);
    assert.deepEqual([found.done, found.next], [3, "4"]);
    assert.equal(found.record.votes[0].shown, "tie");
    const { models, judge, created } = found.record.provenance;
    assert.deepEqual([models, judge], [{ ours: "1.0" }, "B"]);
    assert.ok(Date.parse(created) > 0);
    for (const { name, message } of found.damaged)
      assert.equal(name, "DataError", message);
  });

  test("what is no test is a TypeError", async () => {
    const errors = await t.page.run(async (pairs) => {
      const { BlindTest } = insight;
      const [pair] = pairs;
      const one = (change) => new BlindTest([{ ...pair, ...change }]);
      const test = new BlindTest(pairs, { seed: 0 });
      return [
        await caught(() => new BlindTest([])),
        await caught(() => new BlindTest("pairs")),
        await caught(() => new BlindTest([null])),
        await caught(() => new BlindTest([pair, pair])),
        await caught(() => one({ b: pair.a })),
        await caught(() => one({ a: { source: "x", text: " " } })),
        await caught(() => new BlindTest(pairs, { seed: -1 })),
        await caught(
          () => new BlindTest(pairs, { traps: [{ ...pair, id: "t" }] }),
        ),
        await caught(() => test.vote("0", "a")),
        await caught(() => test.vote("1", "left")),
        await caught(() => test.result()),
      ];
    }, PAIRS);
    for (const { name, message } of errors)
      assert.equal(name, "TypeError", message);
  });
});
