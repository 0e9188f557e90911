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

/** Milliseconds after `from` within tasks of more than 50 ms, and the longest such stretch. */
async function blocked(from) {
  // The observer is told after the task.
  await new Promise((done) => setTimeout(done, 100));
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

/** Loads, writes `count` tokens, then the first token of another prompt. `memory()` asks the driver to look now. */
globalThis.measure = async ({ module, options, prompt, other, count }) => {
  const begun = performance.now();
  const { load } = await import(module);
  const engine = await load(options);
  const loadMs = performance.now() - begun;
  const loading = await blocked(begun);
  const middle = performance.now();
  const run = await timed(engine, prompt, count);
  const writing = await blocked(middle);
  await globalThis.memory();
  const again = await timed(engine, other, 2);
  await engine.close();
  return {
    info: engine.info,
    isolated: crossOriginIsolated,
    load_ms: loadMs,
    load_blocked_ms: loading.ms,
    first_token_ms: run.firstTokenMs,
    warm_first_token_ms: again.firstTokenMs,
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
