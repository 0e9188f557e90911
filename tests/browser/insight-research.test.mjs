/** Market research in the page: a thousand posts in the worker, its progress and its end, and whatever somebody may write. */
import assert from "node:assert/strict";
import { eachBrowser, until } from "./support/each.mjs";

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
        const observed =
          PerformanceObserver.supportedEntryTypes.includes("longtask");
        const long = [];
        const observer =
          observed &&
          new PerformanceObserver((list) => long.push(...list.getEntries()));
        observer?.observe?.({ entryTypes: ["longtask"] });
        const settled = () => new Promise((done) => setTimeout(done, 200));
        // It sees one.
        await new Promise((done) =>
          setTimeout(() => {
            const end = performance.now() + 120;
            while (performance.now() < end);
            done();
          }),
        );
        if (observed) await until("a long task", () => long.length > 0);
        const proof = long.length;
        // What the machine does besides may make a task long, but not each time.
        const counts = [];
        let result;
        const steps = [];
        for (let tries = 0; tries < 3 && !counts.includes(0); tries++) {
          long.length = steps.length = 0;
          result = await insight.research.analyse(posts, {
            onProgress: (step) => steps.push(step),
          });
          await settled();
          counts.push(long.length);
        }
        return { observed, proof, counts, result, steps };
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
