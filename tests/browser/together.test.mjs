/** Several calls and several writers at once: one engine, fair turns, nobody's end is another's. */
import assert from "node:assert/strict";
import { eachBrowser } from "./support/each.mjs";

const ready = async () => {
  globalThis.first = await Copywright.create();
  globalThis.second = await Copywright.create({ tone: "bold" });
};

eachBrowser(
  (t, test) => {
    test("two writers share one engine", async () => {
      const counts = await t.page.run(() => totals());
      assert.equal(counts.devices, 1);
      assert.equal(await t.page.run(() => workers.size), 1);
      assert.equal(
        t.site.paths().filter((path) => path.endsWith("model.safetensors"))
          .length,
        1,
      );
    });

    test("other options, another engine", async () => {
      const { during, after } = await t.page.run(async () => {
        const other = await Copywright.create({ precision: "f32" });
        const during = (await totals()).devices;
        other.destroy();
        await until("the worker's end", () => workers.size === 1);
        return { during, after: (await totals()).devices };
      });
      assert.deepEqual([during, after], [2, 1]);
    });

    test("calls at once give the texts that they give alone, in fair order", async () => {
      const { alone, together, order } = await t.page.run(async () => {
        const write = (writer, seed) =>
          writer.write(brief, { seed, maxTokens: 6 });
        const calls = [
          [first, 1],
          [first, 2],
          [first, 3],
          [second, 4],
        ];
        const alone = [];
        for (const [writer, seed] of calls)
          alone.push(await write(writer, seed));
        const order = [];
        const together = await Promise.all(
          calls.map(async ([writer, seed]) => {
            const text = await write(writer, seed);
            order.push(seed);
            return text;
          }),
        );
        return { alone, together, order };
      });
      console.log(`${t.name}: finished in order ${order}`);
      assert.deepEqual(together, alone);
      assert.deepEqual(
        order,
        [1, 4, 2, 3],
        "the second writer's call waits for one of the first's, not for all",
      );
    });

    test("streams at once do not mix", async () => {
      const { alone, together } = await t.page.run(async () => {
        const stream = (writer, seed) =>
          read(writer.writeStreaming(brief, { seed, maxTokens: 6 })).then(
            (all) => all.join(""),
          );
        const alone = [await stream(first, 8), await stream(second, 9)];
        return {
          alone,
          together: await Promise.all([stream(first, 8), stream(second, 9)]),
        };
      });
      assert.deepEqual(together, alone);
    });

    test("an abort ends one call, the others go on", async () => {
      const { aborted, others, alone } = await t.page.run(async () => {
        const write = (seed, signal) =>
          first.write(brief, { seed, maxTokens: 6, signal });
        const alone = [await write(1), await write(3)];
        const controller = new AbortController();
        const all = [
          write(1),
          caught(() => write(2, controller.signal)),
          write(3),
        ];
        controller.abort();
        const [one, aborted, three] = await Promise.all(all);
        return { aborted, others: [one, three], alone };
      });
      assert.equal(aborted.name, "AbortError");
      assert.deepEqual(others, alone);
    });

    test("destroying one writer leaves the other working", async () => {
      const { lost, text, again, alive, gone } = await t.page.run(async () => {
        const options = { seed: 1, maxTokens: 8 };
        const text = await second.write(brief, options);
        const lost = caught(() => first.write(brief, options));
        const kept = second.write(brief, options);
        first.destroy();
        first.destroy();
        const again = await kept;
        const alive = workers.size;
        second.destroy();
        await until("the worker's end", () => workers.size === 0);
        return {
          lost: await lost,
          text,
          again,
          alive,
          gone: await Copywright.availability(),
        };
      });
      assert.equal(lost.name, "AbortError");
      assert.equal(again, text);
      assert.equal(alive, 1, "the engine lives as long as one writer does");
      assert.equal(gone, "downloadable", "and no longer");
    });
  },
  { counted: true, ready },
);
