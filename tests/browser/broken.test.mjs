/** A worker that fails: its calls end with an error, none hangs, and the next create() begins with a new one. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { eachBrowser } from "./support/each.mjs";
import { ROOT } from "./support/server.mjs";

const worker = await readFile(join(ROOT, "pkg/worker.js"), "utf8");

/** Runs before the worker: a call to measure is one too many. */
const BREAKS = `self.addEventListener("message", ({ data }) => {
  if (data.work?.kind === "measure") throw new Error("the worker broke");
});\n`;

eachBrowser(
  (t, test) => {
    test("calls under way and later ones are errors; a new writer writes", async () => {
      t.site.fault("/pkg/worker.js", { body: BREAKS + worker });
      const errors = await t.page.run(async () => {
        globalThis.broken = await Copywright.create();
        const writing = caught(() => broken.write(brief, { seed: 1 }));
        const measuring = caught(() => broken.measureInputUsage(brief));
        return [
          await writing,
          await measuring,
          await caught(() => broken.write(brief)),
          await caught(() => broken.counters()),
        ];
      });
      for (const { name, message } of errors) {
        assert.equal(name, "OperationError", message);
        assert.match(message, /worker/);
      }
      t.site.heal();
      const text = await t.page.run(async () => {
        broken.destroy();
        const writer = await Copywright.create();
        const text = await writer.write(brief, { seed: 1, maxTokens: 8 });
        writer.destroy();
        return text;
      });
      assert.ok(text.length > 0);
    });
  },
  { allow: [/the worker broke/] },
);
