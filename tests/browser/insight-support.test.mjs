/** Support in the page: the crate's answers by words and by sense, replies in a writer's words, and who takes over. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { eachBrowser, until } from "./support/each.mjs";
import { ROOT } from "./support/server.mjs";

const folder = join(ROOT, "tests/insight/support");
const json = async (name) => JSON.parse(await readFile(join(folder, name)));
const entries = await json("entries.json");
const questions = await json("questions.json");
const follows = await json("follow-ups.json");

/** Vectors of all-MiniLM-L6-v2 by their texts: of entries' questions, their answers, of questions, of follow-ups. */
const WIDTH = 384;
const rows = await readFile(join(folder, "vectors.bin"));
const keys = [
  ...entries.map(({ question }) => question),
  ...entries.map(({ answer }) => answer),
  ...questions.map(({ question }) => question),
  ...follows.map(({ previous, question }) => `${previous} ${question}`),
];
const vectors = Object.fromEntries(
  keys.map((key, i) => [
    key,
    Array.from(new Int8Array(rows.subarray(i * WIDTH, (i + 1) * WIDTH))),
  ]),
);

/** The half that is for the test: entries at odd places; every second question without an answer, from the first. */
let without = 0;
const half = questions.filter(({ entry }) =>
  entry
    ? entries.findIndex(({ id }) => id === entry) % 2 === 1
    : ++without % 2 === 1,
);

const ready = async () => {
  globalThis.insight = await import("/pkg/insight.js");
};

/** Shares as README has them. */
function shares(found) {
  const share = (all, holds) => all.filter(holds).length / all.length;
  const none = found.filter(({ entry }) => entry === null);
  return [
    share(found, ({ entry, said }) => entry === said).toFixed(3),
    share(none, ({ said }) => said === null).toFixed(3),
  ];
}

eachBrowser(
  (t, test) => {
    test("a question has its entry's answer, with the source, or a person takes over", async () => {
      const found = await t.page.run(async (entries) => {
        const shop = await insight.support.index(entries);
        const over = [];
        shop.addEventListener("handover", (event) => over.push(event));
        const reply = await shop.answer("How do I retrun an item?");
        const quiet = over.length;
        const conversation = [{ question: "Hello", entry: "return-how" }];
        const declined = await shop.answer("Do penguins hibernate?", {
          conversation,
        });
        const empty = await shop.answer(" ?! ");
        const [first] = over;
        return {
          reply,
          quiet,
          declined,
          empty,
          over: over.map(({ question }) => question),
          event: {
            is:
              first instanceof insight.support.HandoverEvent &&
              first instanceof Event,
            same:
              first.declined === declined &&
              first.conversation === conversation,
          },
        };
      }, entries);
      const entry = entries.find(({ id }) => id === "return-how");
      assert.equal(found.reply.declined, false);
      assert.equal(found.reply.reply, entry.answer);
      assert.equal(found.reply.written, false);
      assert.deepEqual(
        [found.reply.source.id, found.reply.source.question],
        [entry.id, entry.question],
      );
      assert.ok(found.reply.confidence > 0.388 && found.reply.confidence <= 1);
      assert.equal(found.quiet, 0, "an answer is no handover");
      assert.equal(found.declined.declined, true);
      assert.ok(["unknown", "unsure"].includes(found.declined.reason));
      assert.deepEqual([found.empty.reason, found.empty.best], ["empty", []]);
      assert.deepEqual(found.over, ["Do penguins hibernate?", " ?! "]);
      assert.deepEqual(found.event, { is: true, same: true });
    });

    test("by words and by sense it does what the crate does", async () => {
      const found = await t.page.run(
        async ([entries, half, vectors]) => {
          const asked = [];
          const embedder = {
            embed: async (texts) => {
              asked.push(texts.length);
              return texts.map((text) => Float32Array.from(vectors[text]));
            },
          };
          const all = async (shop) => {
            const found = [];
            for (const { question, entry } of half) {
              const answer = await shop.answer(question);
              found.push({
                entry,
                said: answer.declined ? null : answer.source.id,
              });
            }
            return found;
          };
          const made = entries.map((entry) => ({
            ...entry,
            vectors: [vectors[entry.question], vectors[entry.answer]],
          }));
          return {
            words: await all(await insight.support.index(entries)),
            sense: await all(
              await insight.support.index(entries, { embedder }),
            ),
            asked: asked.slice(0, 3),
            made: await all(await insight.support.index(made, { embedder })),
            again: asked.slice(half.length + 1, half.length + 3),
          };
        },
        [entries, half, vectors],
      );
      assert.equal(half.length, 126);
      assert.deepEqual(shares(found.words), ["0.659", "0.758"]);
      assert.deepEqual(shares(found.sense), ["0.659", "0.848"]);
      assert.deepEqual(found.asked, [2 * entries.length, 1, 1]);
      assert.deepEqual(found.made, found.sense);
      assert.deepEqual(
        found.again,
        [1, 1],
        "vectors that are there are not made again",
      );
    });

    test("a question that follows one up is read with it", async () => {
      const found = await t.page.run(
        async ([entries, { previous, question }]) => {
          const shop = await insight.support.index(entries);
          const first = await shop.answer(previous);
          const turn = { question: previous, entry: first.source.id };
          const id = (answer) => answer.source?.id ?? answer.best[0]?.id;
          return id(await shop.answer(question, { conversation: [turn] }));
        },
        [entries, follows.find(({ entry }) => entry === "mug-microwave")],
      );
      assert.equal(found, "mug-microwave");
    });

    test("entries outlive the worker, until they are closed", async () => {
      const found = await t.page.run(async (entries) => {
        const shop = await insight.support.index(entries);
        const question = "How do I return an item?";
        insight.unload();
        const [one, two] = await Promise.all([
          shop.answer(question),
          shop.answer(question),
        ]);
        const waiting = shop.answer(question);
        insight.unload();
        const ended = await waiting;
        const three = await shop.answer(question);
        const control = new AbortController();
        const aborted = caught(() =>
          shop.answer(question, { signal: control.signal }),
        );
        control.abort();
        const other = await insight.support.index(entries);
        shop.close();
        shop.close();
        return {
          ids: [one, two, three, ended, await other.answer(question)].map(
            ({ source }) => source.id,
          ),
          aborted: (await aborted).name,
          closed: (await caught(() => shop.answer(question))).name,
        };
      }, entries);
      assert.deepEqual(found.ids, Array(5).fill("return-how"));
      assert.deepEqual(
        [found.aborted, found.closed],
        ["AbortError", "InvalidStateError"],
      );
    });

    test("an abort ends the reading of entries in the worker, which goes on with others", async () => {
      const found = await t.page.run(async (entries) => {
        const said = overheard();
        insight.unload();
        const many = Array.from({ length: 4000 }, (_, i) => ({
          ...entries[i % entries.length],
          id: `entry-${i}`,
        }));
        const { index } = insight.support;
        (await index(many)).close();
        const steps = said.filter((each) => "progress" in each);
        const control = new AbortController();
        const from = said.length;
        const waiting = caught(() => index(many, { signal: control.signal }));
        const other = index(entries);
        setTimeout(() => control.abort());
        const { name } = await waiting;
        const answer = await (await other).answer("How do I return an item?");
        // As long as it would have taken.
        await index(many);
        const failed = said.slice(from).find((each) => "failure" in each);
        const own = said.slice(from).filter(({ id }) => id === failed?.id);
        const reason = { whose: "mine" };
        const signal = AbortSignal.abort(reason);
        const given = await index(entries, { signal }).catch(
          (error) => error === reason,
        );
        return {
          ...{ name, own, given, source: answer.source?.id },
          steps: steps.map(({ progress }) => progress),
        };
      }, entries);
      const { steps, own } = found;
      assert.ok(steps.length > 2, "the worker listens in between");
      assert.ok(steps.every(({ done }, i) => done > (steps[i - 1]?.done ?? 0)));
      assert.deepEqual(steps.at(-1), { done: 4000, total: 4000 });
      assert.equal(found.name, "AbortError");
      assert.equal(own.at(-1)?.failure.name, "AbortError");
      const last = own.findLast((each) => "progress" in each)?.progress;
      assert.ok((last?.done ?? 0) < 4000, "it stopped before its end");
      assert.ok(!own.some((each) => "value" in each));
      assert.equal(found.source, "return-how");
      assert.equal(found.given, true);
    });

    test("a writer's reply has the entry's numbers and no other, and the entry's words stand in for it", async () => {
      const found = await t.page.run(async () => {
        const entry = {
          id: "return-period",
          question: "How long do I have to return something?",
          answer:
            "You can return anything within 30 days of the day it arrived.",
        };
        const name = "Halden & Finch";
        const question = "May I return a lamp within 60 days?";
        const made = await Copywright.create();
        const briefs = [];
        const writer = {
          write: (brief, options) => {
            briefs.push(brief);
            return made.write(brief, { ...options, seed: 1 });
          },
        };
        const shop = await insight.support.index([entry], { writer, name });
        const reply = await shop.answer(question);
        made.destroy();
        const { check } = await import("/pkg/check.js");
        const failing = (error) => ({
          write: () => Promise.reject(error),
        });
        const with_ = async (writer) =>
          (await insight.support.index([entry], { writer, name })).answer(
            question,
          );
        const lost = new DOMException("the GPU failed", "OperationError");
        return {
          entry,
          reply,
          brief: briefs[0],
          checks: await check(reply.reply, briefs[0]),
          refused: await with_(
            failing(new DOMException("no text", "ConstraintError")),
          ),
          lost: (await caught(() => with_(failing(lost)))).name,
        };
      });
      console.log(`${t.name}: ${JSON.stringify(found.reply)}`);
      assert.equal(found.brief.format, "support-reply");
      assert.doesNotMatch(JSON.stringify(found.brief), /60/);
      assert.equal(found.reply.source.id, "return-period");
      assert.ok(found.reply.reply.length > 5);
      if (found.reply.written)
        for (const { rule, pass, detail } of found.checks)
          assert.ok(pass, `${rule}: ${detail}`);
      assert.doesNotMatch(found.reply.reply, /60|sixty/i);
      assert.deepEqual(
        [found.refused.written, found.refused.reply],
        [false, found.entry.answer],
      );
      assert.equal(found.lost, "OperationError");
    });

    test("whatever somebody asks has an answer or none, and what is no entry is an error by its name", async () => {
      const { declined, errors, much } = await t.page.run(async (entries) => {
        const { index } = insight.support;
        const shop = await index(entries);
        const odd = [
          "",
          "🙂🙂",
          "<b></b>",
          "\ud800",
          "返品できますか",
          "zebra ".repeat(2e5),
          "x".repeat(1e6),
        ];
        const declined = [];
        for (const question of odd)
          declined.push((await shop.answer(question)).declined);
        const [one, two] = entries;
        const bad = (...all) => caught(() => index(all));
        const embedder = {
          embed: async (texts) => texts.map(() => new Float32Array(3)),
        };
        return {
          declined,
          errors: [
            await bad(),
            await caught(() => index("entries")),
            await bad(null),
            await bad({ ...one, answer: " " }),
            await bad(one, one),
            await bad({ ...one, id: 7 }),
            await bad({ ...one, vectors: [[1, 2]] }, two),
            await bad({ ...one, vectors: [[NaN]] }),
            await caught(() => index(entries, { embedder })),
            await caught(() => index(entries, { embedder: {} })),
            await caught(() => index(entries, { writer: { write: () => "" } })),
            await caught(() => shop.answer(7)),
            await caught(() => shop.answer("a", { conversation: [{}] })),
            await caught(() => new insight.support.SupportIndex()),
          ],
          much: await bad({ ...one, answer: "a".repeat(2 ** 24) }),
        };
      }, entries);
      assert.deepEqual(declined, Array(7).fill(true));
      for (const { name, message } of errors)
        assert.equal(name, "TypeError", message);
      assert.equal(much.name, "QuotaExceededError");
    });
  },
  { ready },
);

eachBrowser(
  (t, test) => {
    test("the example works under the policy", async () => {
      const text = () =>
        t.page.run(() => document.querySelector("main").textContent);
      await until("the answer", async () => /percent/.test(await text()));
      await t.page.run(() => {
        document.getElementById("question").value = "Do penguins hibernate?";
        document.querySelector("button").click();
      });
      await until("a person", async () => /A person/.test(await text()));
    });
  },
  { path: "/examples/insight-support.html" },
);
