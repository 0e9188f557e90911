/**
 * A model of a size that people use, in Chromium: greedy tokens against the CPU reference's. tests/full_size.rs writes the
 * model and the tokens: COPYWRIGHT_FULL_SIZE=FOLDER cargo test --release --test full_size -- --ignored
 *
 *     COPYWRIGHT_CHROMIUM=/usr/bin/chromium node tests/browser/full-size.mjs FOLDER
 */
import assert from "node:assert/strict";
import { closeSync, openSync, readSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { launch } from "./support/browsers.mjs";
import { visit } from "./support/each.mjs";
import { serve } from "./support/server.mjs";

const [folder] = process.argv.slice(2);
if (!folder) throw new Error("which folder? See the first lines of this file");
const { prompt, tokens } = JSON.parse(
  await readFile(join(folder, "expected.json")),
);

const site = await serve();
for (const name of ["manifest.json", "config.json", "tokenizer.json"]) {
  const body = await readFile(join(folder, name));
  site.fault(`/m/full-size/${name}`, { body });
}
const weights = join(folder, "model.safetensors");
const { size } = await stat(weights);
site.fault("/m/full-size/model.safetensors", {
  size,
  *chunks() {
    const file = openSync(weights);
    const chunk = Buffer.alloc(1 << 20);
    for (let count; (count = readSync(file, chunk)) > 0;)
      yield Buffer.from(chunk.subarray(0, count));
    closeSync(file);
  },
});

const browser = await launch("chromium");
try {
  const page = await visit(browser, site, "/test/index.html");
  for (const [quantize, want] of Object.entries(tokens)) {
    const found = await page.run(
      async ({ quantize, prompt, count }) => {
        const begun = performance.now();
        const model = "/m/full-size/";
        const writer = await Copywright.create({ model, quantize });
        const seconds = (performance.now() - begun) / 1e3;
        const asked = { prompt, max_tokens: count, temperature: 0 };
        const start = performance.now();
        const { choices } = await writer.complete(asked);
        const took = (performance.now() - start) / 1e3;
        const counters = await writer.counters();
        writer.destroy();
        return { seconds, took, counters, text: choices[0].text };
      },
      { quantize, prompt, count: want.length },
    );
    const got = [...found.text.matchAll(/<(\d+)>/g)].map(([, id]) =>
      Number(id),
    );
    assert.deepEqual(got, want, quantize);
    const { heapBytes, gpuBytes, peakGpuBytes } = found.counters;
    console.log(
      `${quantize}: ${want.length} greedy tokens are the reference's; loaded in ${found.seconds.toFixed(1)} s, written in ` +
        `${found.took.toFixed(1)} s; heap ${heapBytes}, GPU ${gpuBytes} bytes, at most ${peakGpuBytes}`,
    );
  }
} finally {
  await browser.close();
  await site.close();
}
