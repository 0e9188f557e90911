/**
 * Copywright beside other engines: the same weights, prompt and browser, one after the other, in several rounds.
 * `node bench/peers/bench.mjs [--rounds 3] [--slow-tokens 6] [--only NAME,...]`
 */
import { readFile, writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../../tests/browser/support/server.mjs";
import { withPage } from "./page.mjs";
import { bars, median, table } from "./report.mjs";
import { serve } from "./server.mjs";

/** How many tokens everyone writes; an engine that is `slow` here writes fewer. */
const NEW_TOKENS = 64;

/** Who takes part. Peers get what serves them best: the isolation that threads need, and a file in their own format. */
const ENGINES = [
  {
    name: "copywright",
    where: "webgpu",
    module: "./copywright.mjs",
    options: { model: "/model/copywright/", quantize: "q4" },
  },
  {
    name: "transformers-webgpu",
    where: "webgpu",
    module: "./transformers.mjs",
    options: { model: "transformers", device: "webgpu", subgroups: false },
    slow: true,
  },
  {
    name: "transformers-wasm",
    where: "wasm",
    module: "./transformers.mjs",
    options: { model: "transformers", device: "wasm" },
  },
  {
    name: "wllama",
    where: "wasm",
    module: "./wllama.mjs",
    options: { model: "/model/wllama/model.gguf" },
  },
];

const { values: given } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    "slow-tokens": { type: "string", default: "6" },
    only: { type: "string" },
  },
});
const [rounds, slowTokens] = [given.rounds, given["slow-tokens"]].map(Number);
if (!(rounds >= 1 && slowTokens >= 2))
  throw new Error("--rounds takes 1 or more, --slow-tokens 2 or more");
const only = given.only?.split(",");
const chosen = ENGINES.filter(({ name }) => !only || only.includes(name));

const folder = join(ROOT, "target/peers");
const known = JSON.parse(await readFile(join(folder, "model/prompt.json")));
const site = await serve();
const runs = [];
let results;
try {
  for (let round = 0; round < rounds; round++) {
    // Whoever comes first in one round comes last in the next.
    for (let i = 0; i < chosen.length; i++)
      runs.push(await once(chosen[(i + round) % chosen.length], round));
    results = chosen.map(summary);
    await save();
  }
} finally {
  await site.close();
}
console.log(`\n${table(results)}\n${bars(results)}`);
console.log("All of it: target/peers/results.json");
if (results.some(({ agrees }) => agrees === 0)) process.exitCode = 1;

/** After each round: a long comparison that is ended early has results, too. */
function save() {
  const machine = { cpus: cpus().length, processor: cpus()[0]?.model };
  const all = { machine, results, runs };
  return writeFile(
    join(folder, "results.json"),
    `${JSON.stringify(all, null, 1)}\n`,
  );
}

/** One engine in a browser of its own, with nothing in any cache. */
async function once(engine, round) {
  const count = engine.slow ? slowTokens : NEW_TOKENS;
  const from = site.log.length;
  const load = loadavg()[0];
  const result = await withPage(site, (page) =>
    page.measure({
      module: engine.module,
      options: engine.options,
      prompts: [turned(1), known.prompt, turned(2)],
      count,
    }),
  );
  const asked = site.log.slice(from);
  const missing = asked.filter(({ status }) => status === 404);
  if (missing.length > 0)
    throw new Error(`${engine.name} asked for ${missing[0].path}`);
  const of = (kind) => asked.filter((entry) => entry.kind === kind);
  const bytes = (entries) => entries.reduce((sum, { bytes }) => sum + bytes, 0);
  const paths = new Set(of("runtime").map(({ path }) => path));
  const run = {
    name: engine.name,
    round,
    load_average: load,
    ...result,
    runtime_bytes: bytes(of("runtime")),
    runtime_gzip_bytes: await site.gzipped(paths),
    model_bytes: bytes(of("model")),
    cold_first_token_ms: result.load_ms + result.first_token_ms,
    agrees: agreement(result.text),
  };
  console.log(
    `round ${round + 1}, ${run.name}: load ${seconds(run.load_ms)}, first token ${seconds(run.first_token_ms)}, ` +
      `${run.tokens_per_second?.toFixed(2)} tokens/s, ${run.agrees} of ${run.new_tokens} tokens as numpy, ` +
      `load average ${load.toFixed(1)} (${run.info})`,
  );
  return run;
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Another prompt of the same length, which shares no beginning with the first. */
function turned(by) {
  const words = known.prompt.trim().split(" ");
  return ` ${[...words.slice(by), ...words.slice(0, by)].join(" ")}`;
}

/** How many tokens, from the first, are those that numpy found. Each is a word. */
function agreement(text) {
  const [words, right] = [text, known.text].map((t) => t.trim().split(" "));
  const wrong = words.findIndex((word, i) => word !== right[i]);
  return wrong < 0 ? words.length : wrong;
}

/** Medians of the rounds; tokens of the worst. */
function summary({ name, where }) {
  const mine = runs.filter((run) => run.name === name);
  const out = { name, where, info: mine[0].info, text: mine[0].text };
  for (const [key, value] of Object.entries(mine[0])) {
    if (typeof value === "number" && key !== "round")
      out[key] = median(mine.map((run) => run[key]));
  }
  out.agrees = Math.min(...mine.map((run) => run.agrees));
  return out;
}
