import { research } from "../pkg/insight.js";
const $ = (id) => document.getElementById(id);
let control;
function chart({ about, direction, series }) {
  const high = (n) => (48 * n) / Math.max(...series);
  const bar = (n, i) => `<rect x="${20 * i + 2}" y="${50 - high(n)}" width="16" height="${high(n)}"/>`;
  const figure = document.createElement("figure");
  figure.innerHTML = `<svg viewBox="0 0 ${20 * series.length} 50" aria-hidden="true">${series.map(bar).join("")}</svg>`;
  figure.append(`${about}, ${direction}: ${series.join(", ")}`);
  return figure;
}
function cells({ name, sentiment, examples: [{ text }] }) {
  const row = document.createElement("tr");
  for (const cell of [name, sentiment.positive, sentiment.negative, text]) row.insertCell().textContent = cell;
  return row;
}
async function show() {
  control?.abort();
  control = new AbortController();
  const post = (line) => ({ date: line.slice(0, 10), text: line.slice(11) });
  const posts = $("posts").value.split("\n").filter(Boolean).map(post);
  const found = await research.analyse(posts, { signal: control.signal });
  $("summary").value = found.summary.join("\n");
  $("trends").replaceChildren(...found.trends.slice(0, 2).map(chart));
  $("aspects").replaceChildren(...found.aspects.slice(0, 5).map(cells));
}
const told = (error) => error.name === "AbortError" || ($("summary").value = error.message);
$("posts").addEventListener("input", () => show().catch(told));
await show().catch(told);
