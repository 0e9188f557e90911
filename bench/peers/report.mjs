/** The results, for people. */

/** Rows: title, and the cell of a result. */
const ROWS = [
  ["runtime, bytes", (r) => whole(r.runtime_bytes)],
  ["runtime, gzip -9", (r) => whole(r.runtime_gzip_bytes)],
  ["model, bytes", (r) => whole(r.model_bytes)],
  ["load, s", (r) => seconds(r.load_ms)],
  ["first token, s", (r) => seconds(r.first_token_ms)],
  ["load and first token, s", (r) => seconds(r.cold_first_token_ms)],
  ["first token of the next prompt, s", (r) => seconds(r.warm_first_token_ms)],
  ["tokens per second", (r) => short(r.tokens_per_second)],
  ["processor: load, s", (r) => short(r.load_cpu_s)],
  ["processor: first token, s", (r) => short(r.first_token_cpu_s)],
  ["processor: the next prompt's, s", (r) => short(r.warm_first_token_cpu_s)],
  ["processor: a token, s", (r) => r.token_cpu_s.toFixed(3)],
  ["new tokens", (r) => whole(r.new_tokens)],
  ["of them as numpy's", (r) => whole(r.agrees)],
  ["page blocked while loading, ms", (r) => whole(r.load_blocked_ms)],
  ["page blocked while writing, ms", (r) => whole(r.blocked_ms)],
  ["longest task, ms", (r) => whole(r.longest_task_ms)],
  ["page's memory, MB", (r) => megabytes(r.page_memory_bytes)],
  ["GPU process's memory, MB", (r) => megabytes(r.gpu_memory_bytes)],
  ["load average of the machine", (r) => short(r.load_average)],
];

export function median(values) {
  const known = values.filter((v) => v !== null).sort((a, b) => a - b);
  if (known.length === 0) return null;
  const middle = known.length >> 1;
  return known.length % 2 === 1
    ? known[middle]
    : (known[middle - 1] + known[middle]) / 2;
}

/** One column for each engine. */
export function table(results) {
  const rows = [["", ...results.map(({ name }) => name)]];
  for (const [title, cell] of ROWS) rows.push([title, ...results.map(cell)]);
  const widths = rows[0].map((_, c) =>
    Math.max(...rows.map((row) => row[c].length)),
  );
  const pad = (cell, c) =>
    c === 0 ? cell.padEnd(widths[c]) : cell.padStart(widths[c]);
  const lines = rows.map((row) => row.map(pad).join("  "));
  const notes = results.map(({ name, info }) => `${name}: ${info}`);
  return [...lines, ...notes, ""].join("\n");
}

/** Ratios of medians, and whether they reach the bars that Copywright has set itself. */
export function bars(results) {
  const of = (name) => results.find((r) => r.name === name);
  const us = of("copywright");
  if (!us) return "";
  const lines = [
    `runtime: ${whole(us.runtime_gzip_bytes)} bytes gzipped; ${verdict(us.runtime_gzip_bytes <= 300_000, "at most 300,000")}`,
  ];
  for (const peer of results.filter((r) => r !== us)) {
    const over = (key) => peer[key] / us[key];
    const faster = us.tokens_per_second / peer.tokens_per_second;
    const sooner = over("first_token_ms");
    // Only the same adapter is a fair race; processors and GPUs are different machines.
    const bar = (kept, least) =>
      peer.where === us.where ? ` (${verdict(kept, `at least ${least}`)})` : "";
    lines.push(
      `against ${peer.name}, whose runtime is ${times(over("runtime_gzip_bytes"))} as large`,
      `  tokens per second: ${times(faster)}${bar(faster >= 10, 10)}; by processor time ${times(over("token_cpu_s"))}`,
      `  first token sooner: ${times(sooner)}${bar(sooner >= 5, 5)}; by processor time ${times(over("first_token_cpu_s"))}`,
      `  with loading ${times(over("cold_first_token_ms"))}; of the next prompt ${times(over("warm_first_token_ms"))}, ` +
        `by processor time ${times(over("warm_first_token_cpu_s"))}`,
    );
  }
  return `${lines.join("\n")}\n`;
}

function verdict(kept, bar) {
  return `the bar, ${bar}, is ${kept ? "kept" : "MISSED"}`;
}

const times = (n) => `${n.toFixed(n < 10 ? 2 : 0)} x`;
const whole = (n) => (n === null ? "-" : Math.round(n).toLocaleString("en"));
const seconds = (ms) => (ms / 1000).toFixed(2);
const megabytes = (bytes) =>
  bytes === null ? "-" : String(Math.round(bytes / 1e6) || 0);
const short = (n) => (n === null ? "-" : n.toFixed(n < 100 ? 2 : 0));
