/** Market research in the page: a thousand posts in the worker, its progress and its end, and whatever somebody may write. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { eachBrowser, until } from "./support/each.mjs";
import { ROOT } from "./support/server.mjs";

const insight = join(ROOT, "tests/insight");
const json = async (name) => JSON.parse(await readFile(join(insight, name)));
const WIDTH = 384;
const HEADS = "/pkg/models/heads/minilm-l6-v2-layers-4.safetensors";
/** What a real encoder makes of the pieces of these posts, and what PyTorch makes of that. */
const judged = (await json("research/posts.json")).map(({ text }) => text);
const pieces = (await json("heads/pieces.json")).map(({ text }) => text);
const rows = await readFile(join(insight, "heads/vectors.bin"));
const vectors = Object.fromEntries(
  pieces.map((text, i) => [
    text,
    Array.from(new Int8Array(rows.subarray(i * WIDTH, (i + 1) * WIDTH))),
  ]),
);
const { sentiment } = await json("heads/expected.json");
const scores = new Map(
  pieces.map((text, i) => [text, sentiment[i][2] - sentiment[i][0]]),
);

const COUNT = 1000;
const DAY = 86_400_000;
const FIRST = Date.UTC(2026, 0, 1);
const PARTS = ["shade", "cable", "box", "manual", "colour", "switch"];

/**
 * A thousand posts, no two the same: two in five complain of the battery in the later half of a hundred days and hardly
 * any before, each tenth wishes for a remote, and the rest speak of parts.
 */
const POSTS = Array.from({ length: COUNT }, (_, i) => {
  const late = i >= COUNT / 2;
  const [part, other] = [PARTS[i % 6], PARTS[(i * 5 + 1) % 6]];
  const text = [
    (late ? i % 5 < 2 : i % 50 === 0)
      ? `The battery is terrible, number ${i}. It broke.`
      : `I love the ${part}. The ${other} is great, number ${i}.`,
    i % 10 === 3 ? "I wish it had a remote." : "",
  ].join(" ");
  return {
    id: `post-${i}`,
    text,
    date: new Date(FIRST + Math.floor(i / 10) * DAY),
  };
});

/** Keeps what the workers say. */
const listen = async () => {
  globalThis.said = [];
  globalThis.Worker = class extends Worker {
    constructor(...args) {
      super(...args);
      this.addEventListener("message", ({ data }) => said.push(data));
    }
  };
  globalThis.insight = await import("/pkg/insight.js");
  await insight.load();
};

eachBrowser(
  (t, test) => {
    test("a thousand posts are read without a request, and the page has no long task", async () => {
      const from = t.site.log.length;
      const found = await t.page.run(async (posts) => {
        const steps = [];
        let result;
        const calm = await calmly(async () => {
          steps.length = 0;
          result = await insight.research.analyse(posts, {
            onProgress: (step) => steps.push(step),
          });
        });
        return { ...calm, result, steps };
      }, POSTS);
      assert.deepEqual(t.site.paths(from), []);
      console.log(
        `${t.name}: ${found.steps.length} steps; long tasks: ${found.observed ? found.counts : "no such API"}`,
      );
      if (t.name === "chromium") {
        assert.ok(found.observed && found.proof > 0, "a long task is seen");
        assert.ok(found.counts.includes(0), `${found.counts}`);
      }
      const { steps, result } = found;
      assert.ok(steps.length > 2, "the worker listens in between");
      assert.ok(steps.every(({ done }, i) => done > (steps[i - 1]?.done ?? 0)));
      assert.deepEqual(steps.at(-1), { done: 2 * COUNT, total: 2 * COUNT });
      assert.deepEqual(
        [result.posts, result.repeated, result.empty],
        [COUNT, 0, 0],
      );
      const battery = POSTS.filter(({ text }) => text.includes("battery"));
      assert.equal(result.sentiment.negative, battery.length);
      const aspect = result.aspects.find(({ name }) => name === "battery");
      assert.equal(aspect.posts, battery.length);
      assert.deepEqual(aspect.sentiment, {
        positive: 0,
        neutral: 0,
        negative: battery.length,
      });
      const texts = new Map(POSTS.map(({ id, text }) => [id, text]));
      for (const { examples } of result.aspects) {
        assert.ok(examples.length > 0);
        for (const { post, text } of examples)
          assert.ok(texts.get(post).includes(text), `${post}: ${text}`);
      }
      const [remote] = result.needs;
      assert.deepEqual([remote.about, remote.posts], ["remote", COUNT / 10]);
      for (const { post, text } of remote.quotes)
        assert.ok(texts.get(post).includes(text), post);
      const trend = result.trends.find(({ about }) => about === "battery");
      assert.equal(trend.direction, "rising");
      assert.equal(trend.since, "2026-02-20");
      assert.deepEqual(trend.before, [10, 500]);
      assert.deepEqual(trend.after, [200, 500]);
      assert.equal(
        result.buckets.reduce((sum, { posts }) => sum + posts, 0),
        COUNT,
      );
      assert.match(result.summary.join(" "), /battery \(10 of 500 before/);
    });

    test("heads judge as PyTorch does, without a request, and say why", async () => {
      const bytes = await t.page.run(async (url) => {
        globalThis.heads = await (await fetch(url)).arrayBuffer();
        return heads.byteLength;
      }, HEADS);
      assert.ok(bytes <= 300_000, `${bytes} bytes`);
      const from = t.site.log.length;
      const found = await t.page.run(
        async ([posts, vectors]) => {
          const asked = [];
          const embedder = {
            model: { name: "all-MiniLM-L6-v2-layers-4" },
            embed: async (texts) => {
              asked.push(texts.length);
              return texts.map((text) => Float32Array.from(vectors[text]));
            },
          };
          const steps = [];
          const { analyse } = insight.research;
          const result = await analyse(posts, {
            ...{ embedder, heads },
            onProgress: (step) => steps.push(step),
          });
          const rules = await analyse(posts);
          return { asked, steps, result, rules };
        },
        [judged, vectors],
      );
      assert.deepEqual(t.site.paths(from), []);
      const { asked, steps, result, rules } = found;
      const total = asked.reduce((sum, count) => sum + count);
      assert.ok(Math.max(...asked) <= 32 && total <= pieces.length);
      assert.ok(steps.every(({ done }, i) => done > (steps[i - 1]?.done ?? 0)));
      const all = total + 2 * judged.length;
      assert.deepEqual(steps.at(-1), { done: all, total: all });
      assert.equal(result.posts, judged.length);
      const near = (a, b, text) => assert.ok(Math.abs(a - b) < 1e-4, text);
      for (const { id, score, label, sentences } of result.opinions) {
        for (const said of sentences)
          near(said.score, scores.get(said.text), said.text);
        const mean =
          sentences.reduce((sum, said) => sum + said.score, 0) /
          sentences.length;
        const text = judged[id];
        near(score, (scores.get(text) + mean) / 2, text);
        if (label !== "neutral")
          assert.equal(label, score > 0 ? "positive" : "negative", text);
      }
      assert.notDeepEqual(result.sentiment, rules.sentiment);
      assert.ok(rules.opinions.every((opinion) => !("sentences" in opinion)));
    });

    test("an abort stops the encoder, and what does not fit is named", async () => {
      const found = await t.page.run(
        async ([posts, vectors]) => {
          const { analyse } = insight.research;
          const model = { name: "all-MiniLM-L6-v2-layers-4" };
          const of = (embed) => ({ model, embed });
          const right = of(async (texts) =>
            texts.map((text) => Float32Array.from(vectors[text])),
          );
          const control = new AbortController();
          let calls = 0;
          const counting = of(async (texts, options) => {
            calls++;
            control.abort();
            return right.embed(texts, options);
          });
          const { signal } = control;
          const aborted = await caught(() =>
            analyse(posts, { embedder: counting, heads, signal }),
          );
          const short = of(async (texts) =>
            texts.map(() => new Float32Array(7)),
          );
          const empty = of(async (texts) =>
            texts.map(() => new Float32Array(384)),
          );
          const other = { ...right, model: { name: "another" } };
          const wrong = (options) => caught(() => analyse(["Fine."], options));
          const cut = heads.slice(0, 1000);
          return {
            aborted: [aborted.name, calls],
            types: [
              await wrong({ heads }),
              await wrong({ embedder: right }),
              await wrong({ embedder: right, heads: "heads" }),
              await wrong({ embedder: other, heads }),
              await wrong({ embedder: short, heads }),
              await wrong({ embedder: empty, heads }),
            ],
            damaged: await wrong({ embedder: right, heads: cut }),
            after: (await analyse(["good"])).sentiment.positive,
          };
        },
        [judged, vectors],
      );
      assert.deepEqual(found.aborted, ["AbortError", 1]);
      for (const { name, message } of found.types)
        assert.equal(name, "TypeError", message);
      assert.match(found.types[3].message, /for all-MiniLM.* is another/);
      assert.equal(found.damaged.name, "DataError", found.damaged.message);
      assert.equal(found.after, 1);
    });

    test("posts in any order, as strings with dates, give the same counts", async () => {
      const { sorted, mixed } = await t.page.run(async (posts) => {
        const few = posts.slice(400, 600);
        const turned = few.toReversed();
        const { analyse } = insight.research;
        return {
          sorted: await analyse(few),
          mixed: await analyse(
            turned.map(({ text }) => text),
            {
              dates: turned.map(({ date }) => new Date(date).toISOString()),
              language: "en-GB",
            },
          ),
        };
      }, POSTS);
      for (const field of ["buckets", "trends", "sentiment"])
        assert.deepEqual(mixed[field], sorted[field]);
      assert.deepEqual(mixed.opinions[0].id, "0");
    });

    test("others are answered meanwhile", async () => {
      const order = await t.page.run(async (posts) => {
        const order = [];
        await Promise.all([
          insight.research.analyse(posts).then(() => order.push("posts")),
          insight.anonymise("a@b.example").then(() => order.push("letter")),
        ]);
        return order;
      }, POSTS);
      assert.deepEqual(order, ["letter", "posts"]);
    });

    test("an abort in mid-run ends it in the worker, too, which goes on with others", async () => {
      const found = await t.page.run(async (posts) => {
        const control = new AbortController();
        let heard = 0;
        const { name } = await caught(() =>
          insight.research.analyse(posts, {
            signal: control.signal,
            onProgress: () => {
              heard++;
              control.abort();
            },
          }),
        );
        const { id } = said.findLast((each) => "progress" in each);
        // As long as it would have taken.
        const { posts: count } = await insight.research.analyse(posts);
        const own = said.filter((each) => each.id === id);
        const reason = { whose: "mine" };
        const aborted = AbortSignal.abort(reason);
        const given = await insight.research
          .analyse(posts, { signal: aborted })
          .catch((error) => error === reason);
        return { name, heard, count, own, given };
      }, POSTS);
      assert.equal(found.name, "AbortError");
      assert.equal(found.heard, 1);
      assert.equal(found.count, COUNT);
      assert.equal(found.own.at(-1).failure?.name, "AbortError");
      const last = found.own.findLast((each) => "progress" in each).progress;
      assert.ok(last.done < last.total, `it stopped at ${last.done}`);
      assert.ok(!found.own.some((each) => "value" in each));
      assert.equal(found.given, true);
    });

    test("whatever somebody writes has a result", async () => {
      const found = await t.page.run(async () => {
        const { analyse } = insight.research;
        const counts = async (posts, options) => {
          const {
            posts: counted,
            repeated,
            empty,
            sentiment,
          } = await analyse(posts, options);
          return [
            counted,
            repeated,
            empty,
            sentiment.positive,
            sentiment.negative,
          ];
        };
        return {
          faces: await counts(["🙂👍", "🧦🧦", "good"]),
          same: await counts(["Good lamp.", "good  LAMP.", "", "<b></b>"]),
          markup: await counts([
            "<script>alert(1)</script> <p onclick=x>good</p> & <3",
          ]),
          languages: await counts([
            "Sehr gut, ich liebe es",
            "非常好",
            "très bien",
            "good",
          ]),
          broken: await counts(["good \ud800 lamp\u0000", "\u202egood\u200b"]),
          long: await counts([`${"awful ".repeat(2e5)}`, "good"]),
          letters: await counts(["a".repeat(1e6), "<".repeat(1e5), "good"]),
          days: await counts([
            { text: "good", date: "2026-03-01T23:59:59+14:00" },
            { text: "fine lamp", date: 0 },
            { text: "bad lamp", date: new Date("1999-12-31") },
          ]),
        };
      });
      assert.deepEqual(found.faces, [2, 0, 1, 2, 0]);
      assert.deepEqual(found.same, [1, 1, 2, 1, 0]);
      assert.equal(found.markup[0], 1);
      assert.equal(found.languages[0], 4);
      assert.equal(found.broken[0], 2);
      assert.deepEqual(found.long, [2, 0, 0, 1, 1]);
      assert.deepEqual(found.letters.slice(0, 3), [2, 0, 1]);
      assert.equal(found.days[0], 3);
    });

    test("what is no post is an error by its name", async () => {
      const errors = await t.page.run(async () => {
        const { analyse } = insight.research;
        const dated = (date) => caught(() => analyse([{ text: "good", date }]));
        return [
          await caught(() => analyse([])),
          await caught(() => analyse(["", " "])),
          await caught(() => analyse("good")),
          await caught(() => analyse([null])),
          await caught(() => analyse([{ text: () => 1 }])),
          await caught(() => analyse([{ id: 7, text: "good" }])),
          await caught(() =>
            analyse(["good"], { dates: ["2026-01-01", "2026-01-02"] }),
          ),
          await dated("yesterday"),
          await dated("2026-02-30"),
          await dated(NaN),
          await dated(new Date("never")),
          await dated(8.64e15),
          await dated(1e300),
          await caught(() => analyse(["gut"], { language: "de" })),
          await caught(() =>
            analyse(["a".repeat(2 ** 23), "b".repeat(2 ** 23 + 1)]),
          ),
          (await analyse(["good"])).posts,
        ];
      });
      assert.equal(errors.pop(), 1, "the worker is well");
      const much = errors.pop();
      assert.deepEqual(
        [much.name, much.requested, much.quota],
        ["QuotaExceededError", 2 ** 24 + 1, 2 ** 24],
      );
      assert.equal(errors.pop().name, "NotSupportedError");
      for (const { name, message } of errors)
        assert.equal(name, "TypeError", message);
      assert.match(errors[8].message, /posts\[0\]\.date.*2026-02-30/);
    });
  },
  { ready: listen },
);

eachBrowser(
  (t, test) => {
    test("the example works under the policy", async () => {
      const text = (id) =>
        t.page.run((id) => document.getElementById(id).textContent, id);
      await until("the summary", async () =>
        (await text("summary")).includes("posts"),
      );
      assert.match(await text("summary"), /Rising: /);
      assert.ok((await text("aspects")).length > 20);
      const bars = await t.page.run(
        () => document.querySelectorAll("svg rect").length,
      );
      assert.ok(bars > 2);
    });
  },
  { path: "/examples/insight-research.html" },
);
