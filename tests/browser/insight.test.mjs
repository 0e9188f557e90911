/** `copywright/insight`: only pages that ask for it get it, it works in a worker of its own, and asks nobody anything. */
import assert from "node:assert/strict";
import { eachBrowser, until, visit } from "./support/each.mjs";

const OWN = [
  "/pkg/insight.js",
  "/pkg/insight-worker.js",
  "/pkg/insight_bg.wasm",
];
const TEXTS = "/pkg/insight-texts_bg.wasm";
const own = (paths) => paths.filter((path) => path.includes("insight"));

const LETTER =
  "🙂 My name is Anna Weiss. Write to anna@example.org or ring +49 30 23125 014; IBAN DE89 3704 0044 0532 0130 00.";

eachBrowser(
  (t, test) => {
    test("a page that does not ask for it fetches none of it", async () => {
      const demo = await visit(t.browser, t.site, "/");
      await until("the demo", () =>
        t.site.paths().includes("/pkg/models/default/model.safetensors"),
      );
      await demo.close();
      assert.ok(t.site.paths().includes("/pkg/index.js"));
      assert.deepEqual(own(t.site.paths()), []);
    });

    test("a page that does fetches it once, and nothing of the engine", async () => {
      const from = t.site.log.length;
      await t.page.run(async () => {
        globalThis.insight = await import("/pkg/insight.js");
        const part = "insight";
        await Promise.all([insight.load({ part }), insight.load({ part })]);
        await insight.anonymise("a@b.example");
      });
      assert.deepEqual(t.site.paths(from).sort(), OWN.toSorted());
    });

    test("what reads texts comes with the first call that needs it, or with load()", async () => {
      const from = t.site.log.length;
      await t.page.run(async () => {
        await insight.metrics.openings(["a b"]);
        await Promise.all([insight.load(), insight.load()]);
      });
      assert.deepEqual(t.site.paths(from), [TEXTS]);
    });

    test("a letter loses its writer, and the reply gets him back, without a request", async () => {
      const from = t.site.log.length;
      const { made, whole, reply } = await t.page.run(async (letter) => {
        const made = await insight.anonymise(letter);
        return {
          made,
          whole: await insight.restore(made.text, made.spans),
          reply: await insight.restore("Dear [NAME_1], [NAME_2].", made.spans),
        };
      }, LETTER);
      assert.equal(
        made.text,
        "🙂 My name is [NAME_1]. Write to [EMAIL_1] or ring [PHONE_1]; IBAN [IBAN_1].",
      );
      for (const { start, end, value } of made.spans)
        assert.equal(LETTER.slice(start, end), value, "units of JavaScript");
      assert.equal(whole, LETTER);
      assert.equal(reply, "Dear Anna Weiss, [NAME_2].");
      assert.deepEqual(t.site.paths(from), []);
    });

    test("recommends with consent, and without it as for anybody", async () => {
      const { personal, anybody, nobody } = await t.page.run(async () => {
        const tea = { category: "tea", consumable: true, refillDays: 20 };
        const goods = [
          { id: "mug", name: "Mug", category: "mug", tags: ["blue"] },
          { id: "pot", category: "pot", tags: ["blue"], popularity: 1 },
          { id: "lid", category: "lid", tags: ["red"], popularity: 9 },
          { id: "gone", category: "pot", tags: ["blue"], stock: 0 },
          { ...tea, id: "due" },
          { ...tea, id: "early" },
        ];
        const history = [
          { item: "mug", event: "bought", at: new Date("2026-03-01") },
          { item: "due", event: "bought", at: "2026-03-01T12:00:00Z" },
          { item: "early", event: "bought", at: Date.UTC(2026, 2, 20) },
          { item: "unknown", event: "viewed", at: 0 },
        ];
        const options = { now: "2026-03-25", k: 9 };
        return {
          personal: await insight.recommend(goods, history, {
            ...options,
            consent: true,
          }),
          anybody: await insight.recommend(goods, history, options),
          nobody: await insight.recommend(goods, [], options),
        };
      });
      const ids = (found) => found.map(({ id }) => id);
      assert.deepEqual(ids(personal), ["due", "pot", "lid"]);
      assert.deepEqual(personal[0].reason.signals[0].item, "due");
      assert.equal(personal[1].reason.kind, "match");
      assert.deepEqual(personal[1].reason.attributes, ["blue"]);
      assert.deepEqual(anybody, nobody);
      assert.equal(ids(anybody)[0], "lid");
      assert.ok(ids(anybody).includes("mug") && !ids(anybody).includes("gone"));
      const { brief } = anybody.find(({ id }) => id === "mug");
      assert.deepEqual(brief, {
        format: "recommendation",
        name: "Mug",
        category: "mug",
        features: ["blue"],
        context: {},
      });
    });

    test("bad input is an error by its name", async () => {
      const errors = await t.page.run(async () => {
        const one = [{ id: "a" }];
        const all = { consent: true };
        const none = [];
        return [
          await caught(() => insight.recommend([{ id: "a" }, { id: "a" }], [])),
          await caught(() => insight.recommend([{ id: "a", price: -1 }], [])),
          await caught(() =>
            insight.recommend(one, [{ item: "a", event: "viewed" }], all),
          ),
          await caught(() =>
            insight.recommend(
              one,
              [{ item: "a", event: "stared", at: 0 }],
              all,
            ),
          ),
          await caught(() => insight.recommend([{ id: () => 1 }], none)),
          await caught(() => insight.restore("", [{ kind: "soul" }])),
        ];
      });
      for (const { name } of errors) assert.equal(name, "TypeError");
      const texts = errors.map(({ message }) => message);
      assert.match(texts[0], /catalogue\[1\]\.id/);
      assert.match(texts[1], /catalogue\[0\]\.price/);
      assert.match(texts[2], /history\[0\]\.at/);
      assert.match(texts[3], /stared/);
      const odd = await t.page.run(async () => [
        (await insight.anonymise("")).text,
        (await insight.anonymise("🙂🙂")).text,
        (await insight.anonymise("<b>\u0000\ud800</b>")).text,
        (await insight.recommend([], [])).length,
      ]);
      assert.deepEqual(odd, ["", "🙂🙂", "<b>\u0000\ufffd</b>", 0]);
    });

    test("a megabyte is read while the page goes on; an abort ends the wait", async () => {
      const { seconds, spans, ticks, longest, aborted } = await t.page.run(
        async (letter) => {
          const text = `${letter}\n`.repeat(Math.ceil(1e6 / letter.length));
          const longest = [0];
          // Firefox has no such entries; there the ticks speak.
          if (PerformanceObserver.supportedEntryTypes.includes("longtask"))
            new PerformanceObserver((list) =>
              longest.push(
                ...list.getEntries().map(({ duration }) => duration),
              ),
            ).observe({ entryTypes: ["longtask"] });
          let ticks = 0;
          const timer = setInterval(() => ticks++, 10);
          const start = performance.now();
          const made = await insight.anonymise(text);
          const seconds = (performance.now() - start) / 1000;
          clearInterval(timer);
          const control = new AbortController();
          const waiting = insight.anonymise(text, { signal: control.signal });
          const before = performance.now();
          control.abort();
          const { name } = await caught(() => waiting);
          const aborted = { name, after: performance.now() - before };
          insight.unload();
          return {
            seconds,
            spans: made.spans.length,
            ticks,
            longest: Math.max(...longest),
            aborted,
          };
        },
        LETTER,
      );
      console.log(
        `${t.name}: 1 MB in ${seconds.toFixed(1)} s, ${spans} spans, ${ticks} ticks, longest task ${longest} ms`,
      );
      assert.ok(spans > 30_000);
      assert.ok(ticks > seconds * 5, "the page went on");
      assert.ok(longest < 100, "and had no work of it");
      assert.equal(aborted.name, "AbortError");
      assert.ok(aborted.after < 1000);
    });

    test("an abort ends a ranking in the worker, which goes on with others", async () => {
      const found = await t.page.run(async () => {
        const said = overheard();
        insight.unload();
        const catalogue = Array.from({ length: 20_000 }, (_, i) => ({
          id: `item-${i}`,
          category: `kind ${i % 50}`,
          tags: [`a${i % 7}`, `b${i % 11}`, `c${i % 13}`],
          price: 1 + (i % 90),
          popularity: i % 97,
        }));
        const k = 2000;
        const whole = await insight.recommend(catalogue, [], { k });
        const steps = said.filter((each) => "progress" in each);
        const control = new AbortController();
        const { signal } = control;
        const waiting = caught(() =>
          insight.recommend(catalogue, [], { k, signal }),
        );
        const from = said.length;
        const other = insight.recommend(catalogue.slice(0, 9), [], { k: 3 });
        setTimeout(() => control.abort());
        const { name } = await waiting;
        const nine = await other;
        // As long as it would have taken.
        await insight.recommend(catalogue, [], { k });
        const own = said.slice(from).filter(({ id }) => id === steps[0].id + 1);
        const reason = { whose: "mine" };
        const given = await insight
          .recommend(catalogue, [], { signal: AbortSignal.abort(reason) })
          .catch((error) => error === reason);
        const list = await caught(() => insight.recommend({ length: 2 }, []));
        return {
          ...{ name, own, given, list: list.name },
          counts: [whole.length, nine.length],
          steps: steps.map(({ progress }) => progress),
        };
      });
      const { steps, own } = found;
      assert.deepEqual(found.counts, [2000, 3]);
      assert.ok(steps.every(({ done }, i) => done > (steps[i - 1]?.done ?? 0)));
      assert.deepEqual(steps.at(-1), { done: 22_000, total: 22_000 });
      assert.equal(found.name, "AbortError");
      assert.equal(own.at(-1).failure?.name, "AbortError");
      const last = own.findLast((each) => "progress" in each)?.progress;
      assert.ok((last?.done ?? 0) < 22_000, "it stopped before its end");
      assert.ok(!own.some((each) => "value" in each));
      assert.equal(found.given, true);
      assert.equal(found.list, "TypeError");
    });

    test("after the end of a worker, or a failed download, the next call begins anew", async () => {
      const again = await t.page.run(async () => {
        const waiting = insight.anonymise("a");
        insight.unload();
        const { name } = await caught(() => waiting);
        return { name, text: (await insight.anonymise("x@y.example")).text };
      });
      assert.deepEqual(again, { name: "AbortError", text: "[EMAIL_1]" });
      for (const path of ["/pkg/insight_bg.wasm", TEXTS]) {
        t.site.fault(path, { status: 404 });
        const lost = await t.page.run(async () => {
          insight.unload();
          return (await caught(() => insight.load())).name;
        });
        t.site.heal();
        assert.equal(lost, "NetworkError");
      }
      assert.equal(
        await t.page.run(
          async () => (await insight.anonymise("a@b.example")).text,
        ),
        "[EMAIL_1]",
      );
    });
  },
  { allow: [/Failed to load resource/, /net::ERR_/] },
);

for (const [path, ready] of [
  ["/examples/insight-privacy.html", "[NAME_1] again"],
  ["/examples/insight-recommend.html", "Popular in"],
]) {
  eachBrowser(
    (t, test) => {
      test(`${path} works under the policy`, async () => {
        const text = () =>
          t.page.run(() =>
            [...document.querySelectorAll("output, td, li")]
              .map((e) => e.textContent)
              .join("\n"),
          );
        const begun = path.includes("privacy") ? "Dear " : ready;
        await until("the page", async () => (await text()).includes(begun));
        if (path.includes("privacy")) {
          const shown = await text();
          assert.match(shown, /My name is \[NAME_1\]/);
          assert.match(shown, /Dear Anna Weiss, order 48213097/);
        } else {
          assert.match(await text(), new RegExp(ready));
          await t.page.run(() => document.getElementById("consent").click());
          await until("the history's turn", async () =>
            (await text()).startsWith("Dawn Roast: Lasts about 30 days"),
          );
          assert.doesNotMatch(await text(), /Lumen Arc|Fern Pot/);
          await t.page.run(() => document.getElementById("write").click());
          const line = () =>
            t.page.run(() => document.getElementById("line").textContent);
          await until("a line of copy", async () => (await line()).length > 10);
          // Among its claims: that somebody was watched.
          assert.match(await line(), /^[^(]{10,} \(kept: .*\bclaim\b/s);
          await t.page.run(() => document.getElementById("erase").click());
          await until("nothing", async () => {
            const left = await t.page.run(async () => indexedDB.databases());
            return left.length === 0;
          });
        }
      });
    },
    { path },
  );
}
