/** A page in a Chromium of its own, with its memory seen from outside. */
import { readFile } from "node:fs/promises";
import { launch } from "../../tests/browser/support/browsers.mjs";

/** Longest that one measurement may take before it counts as hung. */
const HUNG = 20 * 60_000;

/** Opens the page, works in it, and closes the browser whatever happens. */
export async function withPage(site, work) {
  const browser = await launch("chromium");
  let timer;
  try {
    const page = await browser.open(site.url("/pages/index.html"));
    const hung = new Promise((_, failed) => {
      timer = setTimeout(
        () => failed(new Error(`hung: ${page.problems.join("; ")}`)),
        HUNG,
      );
    });
    return await Promise.race([work(await watched(browser, page)), hung]);
  } finally {
    clearTimeout(timer);
    await browser.close();
  }
}

async function watched(browser, page) {
  const devtools = await browser.browser.newBrowserCDPSession();
  let after;
  await page.page.exposeFunction("memory", async () => {
    after = await memory(devtools);
  });
  await page.page.waitForFunction(() => globalThis.ready);
  return {
    run: (body, argument) => page.run(body, argument),
    /** Calls the page's `measure`; adds what pages and GPU process have grown by. */
    async measure(task) {
      const before = await memory(devtools);
      const result = await page.run((task) => globalThis.measure(task), task);
      const grown = (kind) =>
        before && after ? after[kind] - before[kind] : null;
      return {
        ...result,
        page_memory_bytes: grown("renderer"),
        gpu_memory_bytes: grown("GPU"),
      };
    },
  };
}

/** Private bytes of processes, by type; undefined where the system does not tell. */
async function memory(devtools) {
  const { processInfo } = await devtools.send("SystemInfo.getProcessInfo");
  const sum = { renderer: 0, GPU: 0 };
  for (const { type, id } of processInfo) {
    if (!(type in sum)) continue;
    const text = await readFile(`/proc/${id}/smaps_rollup`, "utf8").catch(
      () => undefined,
    );
    if (text === undefined) return undefined;
    for (const [, kB] of text.matchAll(/^Private_\w+:\s+(\d+) kB/gm))
      sum[type] += Number(kB) * 1024;
  }
  return sum;
}
