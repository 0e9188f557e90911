/**
 * `node tests/browser/bench.mjs chromium|firefox`: what a text costs in a browser, through the public API, on the best
 * adapter that the browser finds. Lines for people, then one line of JSON, which `cargo xtask bench` reads.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BROWSERS, launch } from "./support/browsers.mjs";
import { visit } from "./support/each.mjs";
import { ROOT, serve } from "./support/server.mjs";

/** Steps per readback where asked of the GPU is counted. */
const K = 8;

/** Bytes of the matrices as they lie in the file: the least that a step can read. (The embedding is the head, too.) */
async function weightBytes() {
  const file = await readFile(join(ROOT, "models/default/model.safetensors"));
  const { __metadata__: _, ...tensors } = JSON.parse(
    file.subarray(8, 8 + Number(file.readBigUInt64LE(0))).toString(),
  );
  const matrices = Object.values(tensors).filter(
    ({ shape }) => shape.length === 2,
  );
  return matrices.reduce(
    (sum, { data_offsets: [begin, end] }) => sum + end - begin,
    0,
  );
}

/** Runs in the page. `long` and `short`: tokens of two runs whose difference is steps and nothing else. */
async function measure({ k, longCount, shortCount, weights }) {
  const begun = performance.now();
  const writer = await Copywright.create();
  const loadMs = performance.now() - begun;
  const { software } = writer.adapter;
  const [long, short, rounds] = software ? [33, 17, 3] : [97, 33, 7];
  const subject = {
    ...brief,
    audience: "students in small flats",
    facts: { price: "€49" },
  };
  // Every text goes to its last token: counts and times are of steps that ran.
  const run = async (n, maxTokens, stepsPerReadback = 0) => {
    // Another prompt in between: what the cache still held of this one would cost nothing.
    await writer.complete({ prompt: "-", max_tokens: 1 });
    const begun = performance.now();
    const copies = await writer.variants(subject, {
      n,
      maxTokens,
      seed: 7,
      stepsPerReadback,
      logitBias: { 0: -100 },
    });
    const ms = performance.now() - begun;
    const ended = copies.find(
      (copy) => copy.usage.completionTokens !== maxTokens,
    );
    if (ended)
      throw new Error(
        `a run of ${maxTokens} tokens ended after ${ended.usage.completionTokens}`,
      );
    return { ms, timing: copies[0].timing };
  };
  for (const n of [8, 1]) await run(n, long);
  await run(1, longCount, k);

  const count = async () => ({
    ...(await totals()),
    engine: await writer.counters(),
  });
  const marks = [await count()];
  for (const tokens of [longCount, shortCount]) {
    await run(1, tokens, k);
    marks.push(await count());
  }
  const cost = (of) =>
    of(marks[1]) - of(marks[0]) - (of(marks[2]) - of(marks[1]));
  const each = (of) => cost(of) / (longCount - shortCount);
  const made = (mark) =>
    mark.buffers + mark.bindGroups + mark.pipelines + mark.shaders;

  const median = (values) => {
    const sorted = values.toSorted((a, b) => a - b);
    return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
  };
  const times = [];
  for (let round = 0; round < rounds; round++) {
    // Whatever else the machine does meets all alike: they take turns.
    const one = await run(1, long);
    const eight = await run(8, long);
    const step = (one.ms - (await run(1, short)).ms) / (long - short);
    const batch8 = (eight.ms - (await run(8, short)).ms) / (long - short);
    times.push({ ...one.timing, step, batch8, ratio: batch8 / step });
  }
  const of = (key) => median(times.map((each) => each[key]));
  return {
    adapter: writer.adapter.name || "an adapter without a name",
    software,
    f16: writer.adapter.f16,
    model: `${writer.model.name}@${writer.model.version}`,
    rounds,
    load_ms: loadMs,
    prompt_tokens: await writer.measureInputUsage(subject),
    first_token_ms: of("firstTokenMs"),
    tokens_per_second: of("tokensPerSecond"),
    step_ms: of("step"),
    batch8_step_ms: of("batch8"),
    batch8_ratio: of("ratio"),
    dispatches_per_token: each((mark) => mark.dispatches),
    submits_per_token: each((mark) => mark.submits),
    passes_per_token: each((mark) => mark.passes),
    creations_per_token: (made(marks[1]) - made(marks[0])) / longCount,
    readbacks_per_token: each((mark) => mark.maps),
    uploaded_bytes_per_token: each((mark) => mark.writtenBytes),
    downloaded_bytes_per_token: each((mark) => mark.engine.downloadedBytes),
    weight_bytes_ratio: each((mark) => mark.engine.weightBytes) / weights,
    gpu_bytes: marks[2].engine.gpuBytes,
  };
}

const name = process.argv[2];
if (!BROWSERS.includes(name)) {
  console.error(`usage: node tests/browser/bench.mjs ${BROWSERS.join("|")}`);
  process.exit(2);
}
const site = await serve();
const browser = await launch(name, { webgpu: "any" });
try {
  const page = await visit(
    browser,
    site,
    "/test/index.html?from=/counted/pkg/",
  );
  const counts = { k: K, longCount: 1 + 4 * K, shortCount: 1 + 2 * K };
  const result = await page.run(measure, {
    ...counts,
    weights: await weightBytes(),
  });
  console.log(
    `${name}, ${result.adapter}, ${result.f16 ? "f16" : "f32"}, ${result.model}, medians of ${result.rounds}`,
  );
  if (result.software)
    console.log(
      "A software adapter: counts hold anywhere, times say nothing of a GPU.",
    );
  const short = (value) =>
    typeof value === "number" ? Math.round(value * 1e4) / 1e4 : value;
  const line = Object.fromEntries(
    Object.entries(result).map(([key, value]) => [key, short(value)]),
  );
  console.log(JSON.stringify({ where: name, ...line }));
} finally {
  await browser.close();
  await site.close();
}
