/**
 * The page's tokenizer against the `tokenizers` crate: tokens.json holds awkward texts with their ids, which
 * tests/tokens.rs computes with the crate. Here they are read where nothing can be glossed over: on their way to the GPU.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { eachBrowser } from "./support/each.mjs";
import { BRIEF, PROMPT } from "./support/example.mjs";
import { ROOT } from "./support/server.mjs";

const cases = JSON.parse(
  await readFile(join(ROOT, "tests/browser/tokens.json"), "utf8"),
);
const ready = async () => {
  globalThis.writer = await Copywright.create();
  await uploads();
};

eachBrowser(
  (t, test) => {
    /** Whether these ids, and no others, went to the GPU as a whole, and how many tokens the answer says they are. */
    const sent = (prompt) =>
      t.page.run(async (prompt) => {
        await uploads();
        const { usage } = await writer.complete({
          prompt,
          max_tokens: 1,
          temperature: 0,
        });
        return { usage: usage.prompt_tokens, uploads: await uploads() };
      }, prompt);
    const has = (uploads, ids) =>
      uploads.some((list) => JSON.stringify(list) === JSON.stringify(ids));

    test("awkward texts become the tokens of the tokenizers crate", async () => {
      assert.ok(cases.length > 20);
      for (const { text, ids } of cases) {
        const { usage, uploads } = await sent(text);
        assert.equal(usage, ids.length, JSON.stringify(text));
        assert.ok(
          has(uploads, ids),
          `${JSON.stringify(text)}: expected ${ids}, the GPU got ${JSON.stringify(uploads)}`,
        );
      }
      console.log(`${t.name}: ${cases.length} texts compared`);
    });

    test("a difference of one token is seen", async () => {
      const { text, ids } = cases[0];
      const { uploads } = await sent(text);
      assert.ok(has(uploads, ids));
      assert.ok(!has(uploads, ids.with(3, ids[3] + 1)));
      assert.ok(!has(uploads, ids.slice(1)));
    });

    test("a brief becomes the prompt that the model was trained on", async () => {
      const { usage, uploads } = await t.page.run(async (brief) => {
        const usage = await writer.measureInputUsage(brief);
        await uploads();
        await writer.write(brief, { maxTokens: 1 });
        return { usage, uploads: await uploads() };
      }, BRIEF);
      assert.equal(usage, PROMPT.length);
      assert.ok(has(uploads, PROMPT), `the GPU got ${JSON.stringify(uploads)}`);
    });
  },
  { counted: true, ready },
);
