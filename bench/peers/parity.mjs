/**
 * Our default model, exported as GGUF, must write the same text in llama.cpp as in Copywright, in the same Chromium.
 * `node bench/peers/parity.mjs [--tokens 48] [--gguf FILE]...`, where a file is the default model, exported by others.
 */
import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../../tests/browser/support/server.mjs";
import { withPage } from "./page.mjs";
import { serve } from "./server.mjs";

const ours = {
  module: "./copywright.mjs",
  options: { model: "/pkg/models/default/", quantize: "none" },
};
const { values: given } = parseArgs({
  options: {
    tokens: { type: "string", default: "48" },
    gguf: { type: "string", multiple: true, default: [] },
  },
});
const models = join(ROOT, "target/peers/model");
for (const [i, file] of given.gguf.entries())
  await copyFile(file, join(models, `given-${i}.gguf`));

/** With all numbers in f32, and as users have it: weights in f16, which llama.cpp multiplies with activations in f16. */
const theirs =
  given.gguf.length > 0
    ? given.gguf.map((file, i) => wllama(file, `given-${i}`))
    : ["f32", "f16"].map((kind) => wllama(kind, `default-${kind}`, kind));

const prompts = JSON.parse(
  await readFile(new URL("prompts.json", import.meta.url)),
);
function wllama(name, file, cache = "f32") {
  const options = { model: `/model/${file}.gguf`, cache };
  return { name, module: "./wllama.mjs", options };
}

const site = await serve();
let different = 0;
try {
  const write = ({ module, options }) =>
    withPage(site, (page) =>
      page.run((task) => globalThis.texts(task), {
        module,
        options,
        prompts,
        count: Number(given.tokens),
      }),
    );
  const expected = await write(ours);
  for (const engine of theirs) {
    const found = await write(engine);
    expected.forEach((text, i) => {
      const same = found[i] === text;
      different += same ? 0 : 1;
      console.log(
        `${same ? "same" : "DIFFERENT"}, ${engine.name}, prompt ${i + 1}: ${JSON.stringify(text)}`,
      );
      if (!same) console.log(`  wllama: ${JSON.stringify(found[i])}`);
    });
  }
  if (!expected.some((text) => text.length > 40))
    throw new Error("there is hardly a text to compare");
} finally {
  await site.close();
}
const count = prompts.length * theirs.length;
console.log(`${count - different} of ${count} texts are the same`);
if (different > 0) process.exitCode = 1;
