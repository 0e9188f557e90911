/**
 * `node tests/browser/largest-paint.mjs [PAIRS]`: what `<copy-wright>` costs a page until it is painted, in Chromium. One
 * page, in turns without the element and with it, each time by a visitor who has nothing cached and a slow line; with it,
 * until the engine is on its way and the largest paint is long past. The ratio is that of each pair; times by themselves say
 * nothing of other machines. Then the longest task of the main thread, in the thread's own time, while the engine is fetched
 * and texts of the site's own are checked and put in place. Then one line of JSON.
 */
import { launch } from "./support/browsers.mjs";
import { element, GOOD } from "./support/copies.mjs";
import { serve } from "./support/server.mjs";

const pairs = Number(process.argv[2] ?? 31);
if (!(Number.isInteger(pairs) && pairs > 0)) {
  console.error("usage: node tests/browser/largest-paint.mjs [PAIRS]");
  process.exit(2);
}

const words =
  "A desk lamp for small flats. It stands on a page of a book, dims with a tap and folds flat when the day is over.";
const cards = ["a", "b", "c"].map((id) =>
  element(id, "", `<p class="lead">${words}</p>`),
);
const body = `<h1>Lamps</h1>${cards.join("")}<p>Post takes two days.</p>`;
const page = (script, html) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Lamps</title><link rel="stylesheet" href="page.css">${script}<main>${html}</main></html>`;
const script = '<script type="module" src="/pkg/element.js"></script>';
/** The same page: the elements' places are there, and nothing comes into them. */
const PAGES = {
  without: page("", body.replaceAll("copy-wright", "div")),
  with: page(script, body),
};

/** In the page: its largest paint and what moved, once everything has happened. */
async function painted(wait) {
  const seen = { paints: [], shift: 0 };
  const observe = (type, each) =>
    new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({
      type,
      buffered: true,
    });
  observe("largest-contentful-paint", (entry) => seen.paints.push(entry));
  observe("layout-shift", ({ value }) => (seen.shift += value));
  const here = new Set();
  addEventListener("copy-progress", ({ target }) => here.add(target.id));
  addEventListener("copy-fallback", ({ target, detail }) => {
    here.add(`${target.id}: ${detail.reason}`);
  });
  for (let tries = 0; tries < 6000; tries++) {
    if (seen.paints.length > 0 && here.size >= wait) break;
    await new Promise((done) => setTimeout(done, 10));
  }
  for (let i = 0; i < 15; i++) await new Promise(requestAnimationFrame);
  const { startTime, size, element } = seen.paints.at(-1);
  return {
    ms: startTime,
    size,
    what: element?.className,
    shift: seen.shift,
    here: [...here],
  };
}

/** In the page: two of its elements get a text, the third one asks the engine. */
async function written(text) {
  const ended = new Set();
  for (const type of ["copy-ready", "copy-progress"])
    addEventListener(type, ({ target }) => ended.add(target.id));
  for (const id of ["b", "c"]) document.getElementById(id).ladder = [{ text }];
  for (let tries = 0; tries < 6000 && ended.size < 3; tries++)
    await new Promise((done) => setTimeout(done, 10));
  for (let i = 0; i < 15; i++) await new Promise(requestAnimationFrame);
  return [...ended].sort().join("");
}

/** Milliseconds of the processor that the longest task of a page's main thread took. */
async function longestTask(chromium, url) {
  const visit = await chromium.open("about:blank");
  const { browser } = chromium;
  await browser.startTracing(visit.page, {
    categories: ["toplevel", "disabled-by-default-devtools.timeline"],
  });
  await visit.page.goto(url);
  const ended = await visit.run(written, GOOD);
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  await visit.close();
  if (ended !== "abc") throw new Error(`not all have come: ${ended}`);
  // The browser has pages of its own.
  const { processId } = traceEvents.findLast(
    ({ name, args }) =>
      name === "FrameCommittedInBrowser" && args.data.url === url,
  ).args.data;
  const { tid } = traceEvents.find(
    ({ pid, args }) => pid === processId && args.name === "CrRendererMain",
  );
  const tasks = traceEvents.filter(
    (each) => each.pid === processId && each.tid === tid && each.tdur,
  );
  return Math.max(...tasks.map(({ tdur }) => tdur)) / 1000;
}

const median = (values) => {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};

/** Loads of which the longest task is taken. */
const TASKS = 9;
/** Lighthouse's slow 4G: milliseconds of a round trip, bytes a second. */
const LINE = {
  offline: false,
  latency: 150,
  downloadThroughput: 1.6e6 / 8,
  uploadThroughput: 0.75e6 / 8,
};

const site = await serve();
const browser = await launch("chromium", { webgpu: "software" });
const results = { without: [], with: [] };
const tasks = [];
try {
  for (const [name, html] of Object.entries(PAGES))
    site.fault(`/element/${name}.html`, { body: html });
  // The browser itself has to wake up: the first pair does not count.
  for (let pair = -1; pair < pairs; pair++) {
    // Who comes first takes turns, too.
    const names = pair % 2 ? ["with", "without"] : ["without", "with"];
    for (const name of names) {
      const visit = await browser.open("about:blank");
      const { page } = visit;
      const session = await page.context().newCDPSession(page);
      await session.send("Network.emulateNetworkConditions", LINE);
      await page.goto(site.url(`/element/${name}.html`));
      const wait = name === "with" ? cards.length : 0;
      const result = await visit.run(painted, wait);
      await visit.close();
      if (pair >= 0) results[name].push(result);
    }
  }
  for (let load = -1; load < TASKS; load++) {
    const ms = await longestTask(browser, site.url("/element/with.html"));
    if (load >= 0) tasks.push(ms);
  }
} finally {
  await browser.close();
  await site.close();
}
const all = [...results.without, ...results.with];
const same = all.every(
  ({ size, what }) => size === all[0].size && what === "lead",
);
if (!same) throw new Error("the largest paint was not of the page's own copy");
const ratios = results.with.map(({ ms }, i) => ms / results.without[i].ms);
const sorted = ratios.toSorted((a, b) => a - b);
const lost = results.with
  .flatMap(({ here }) => here)
  .filter((id) => id.includes(":"));
if (lost.length > 0) throw new Error(`no engine: ${lost.join(", ")}`);
const told = {
  pairs,
  lcp_without_ms: median(results.without.map(({ ms }) => ms)),
  lcp_with_ms: median(results.with.map(({ ms }) => ms)),
  lcp_ratio: median(ratios),
  lcp_ratio_quartiles: [sorted[pairs >> 2], sorted[(3 * pairs) >> 2]],
  layout_shift: Math.max(...results.with.map(({ shift }) => shift)),
  task_ms: median(tasks),
  longest_task_ms: Math.max(...tasks),
};
console.log(
  `largest paint: ${told.lcp_without_ms} ms without, ${told.lcp_with_ms} ms with the element; median ratio ${told.lcp_ratio.toFixed(3)} of ${pairs} pairs`,
);
console.log(
  `longest task of the main thread: ${told.task_ms} ms (median of ${TASKS})`,
);
console.log(JSON.stringify(told));
