/**
 * The same measurement for every engine. An engine is a module with `load(options)`, which resolves to
 * `{ info, generate(prompt, count, onToken), close() }`; `onToken(n)` is told how many tokens there are so far, and
 * `generate` resolves to the text. Everything is loaded by `load`, the engine's own scripts as well.
 */
const longTasks = [];
new PerformanceObserver((list) => {
  for (const task of list.getEntries())
    longTasks.push([task.startTime, task.duration]);
}).observe({ type: "longtask" });

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Milliseconds after `from` within tasks of more than 50 ms, and the longest such stretch. */
async function blocked(from) {
  // The observer is told after the task.
  await pause(100);
  const stretches = longTasks
    .map(([start, ms]) => Math.min(ms, start + ms - from))
    .filter((ms) => ms > 0);
  return {
    ms: stretches.reduce((sum, ms) => sum + ms, 0),
    longest: Math.max(0, ...stretches),
  };
}

async function timed(engine, prompt, count) {
  const start = performance.now();
  const seen = [];
  const text = await engine.generate(prompt, count, (tokens) =>
    seen.push([performance.now(), tokens]),
  );
  const [[first, before], [last, tokens]] = [seen[0], seen.at(-1)];
  return {
    text,
    tokens,
    firstTokenMs: first - start,
    // Some engines hand over several tokens at once: what came with the first ones was not decoded after them.
    tokensPerSecond:
      tokens > before ? ((tokens - before) * 1000) / (last - first) : null,
  };
}

/**
 * Loads, then writes after three prompts of equal length: two tokens, `count` tokens, two tokens. `look(name)` asks the
 * driver for memory and processor time at that moment.
 */
globalThis.measure = async ({ module, options, prompts, count }) => {
  const looked = async (name) => {
    await look(name);
    // What goes on within an answer to the driver counts as no task.
    await pause(0);
  };
  const begun = performance.now();
  const { load } = await import(module);
  const engine = await load(options);
  const loadMs = performance.now() - begun;
  const loading = await blocked(begun);
  await looked("loaded");
  const cold = await timed(engine, prompts[0], 2);
  await looked("cold");
  const middle = performance.now();
  const run = await timed(engine, prompts[1], count);
  const writing = await blocked(middle);
  await looked("written");
  await timed(engine, prompts[2], 2);
  await looked("again");
  await engine.close();
  return {
    info: engine.info,
    isolated: crossOriginIsolated,
    load_ms: loadMs,
    load_blocked_ms: loading.ms,
    first_token_ms: cold.firstTokenMs,
    warm_first_token_ms: run.firstTokenMs,
    tokens_per_second: run.tokensPerSecond,
    blocked_ms: writing.ms,
    longest_task_ms: Math.max(loading.longest, writing.longest),
    new_tokens: run.tokens,
    text: run.text,
  };
};

/** The texts after some prompts. */
globalThis.texts = async ({ module, options, prompts, count }) => {
  const { load } = await import(module);
  const engine = await load(options);
  const texts = [];
  for (const prompt of prompts)
    texts.push(await engine.generate(prompt, count, () => {}));
  await engine.close();
  return texts;
};
globalThis.ready = true;
