/** A model in GGUF on a page: read by a module of its own, which no other model loads. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { eachBrowser } from "./support/each.mjs";
import { ROOT } from "./support/server.mjs";

const { prompt, greedy } = JSON.parse(
  await readFile(join(ROOT, "tests/fixtures/gguf/q4_0.json"), "utf8"),
);
/** Tokens to compare. */
const COUNT = 12;

eachBrowser((t, test) => {
  const late = (from) =>
    t.site.log
      .slice(from)
      .map(({ path }) => path)
      .filter((path) => /\/gguf[._]/.test(path));

  test("greedy tokens are PyTorch's", async () => {
    const from = t.site.log.length;
    const ends = await t.page.run(
      async ([model, prompt, greedy]) => {
        const writer = await Copywright.create({ model });
        const ends = [];
        for (const [i, token] of greedy.entries()) {
          const request = { prompt: [...prompt, ...greedy.slice(0, i)] };
          // The expected token ends the text; any other one fills it.
          Object.assign(request, { stop_token_ids: [token], temperature: 0 });
          const made = await writer.complete({ ...request, max_tokens: 1 });
          ends.push(made.choices[0].finish_reason);
        }
        writer.destroy();
        return ends;
      },
      ["/gguf/packed/q4_0.gguf", prompt, greedy.slice(0, COUNT)],
    );
    console.log(`${t.name}: ${ends}`);
    assert.deepEqual(ends, Array(COUNT).fill("stop"));
    assert.deepEqual(late(from), ["/pkg/gguf.js", "/pkg/gguf_bg.wasm"]);
  });

  test("other models do without its module", async () => {
    const from = t.site.log.length;
    await t.page.run(async () => (await Copywright.create()).destroy());
    assert.deepEqual(late(from), []);
  });
});
