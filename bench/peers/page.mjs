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
  const looks = {};
  const look = async (name) => {
    looks[name] = await processes(devtools);
  };
  await page.page.exposeFunction("look", look);
  await page.page.waitForFunction(() => globalThis.ready);
  return {
    run: (body, argument) => page.run(body, argument),
    /** Calls the page's `measure`; adds what only the system knows. */
    async measure(task) {
      await look("before");
      const result = await page.run((task) => globalThis.measure(task), task);
      return { ...result, ...spent(looks, result.new_tokens) };
    },
  };
}

/** Memory that came with the model, and processor seconds, which mind other load of the machine less than clocks do. */
function spent({ before, loaded, cold, written, again }, tokens) {
  const grown = (kind) =>
    before.memory && written.memory
      ? written.memory[kind] - before.memory[kind]
      : null;
  const rest = again.seconds - written.seconds;
  // The last text had two tokens: the same prompt's work, and one step.
  const step = (written.seconds - cold.seconds - rest) / (tokens - 2);
  return {
    page_memory_bytes: grown("renderer"),
    gpu_memory_bytes: grown("GPU"),
    load_cpu_s: loaded.seconds - before.seconds,
    first_token_cpu_s: cold.seconds - loaded.seconds - step,
    warm_first_token_cpu_s: rest - step,
    token_cpu_s: step,
  };
}

/** Processor seconds of the browser, and private bytes of its pages and GPU process where the system tells. */
async function processes(devtools) {
  const { processInfo } = await devtools.send("SystemInfo.getProcessInfo");
  const seconds = processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
  let memory = { renderer: 0, GPU: 0 };
  for (const { type, id } of processInfo) {
    if (!memory || !(type in memory)) continue;
    const text = await readFile(`/proc/${id}/smaps_rollup`, "utf8").catch(
      () => "",
    );
    if (text === "") memory = undefined;
    for (const [, kB] of text.matchAll(/^Private_\w+:\s+(\d+) kB/gm))
      memory[type] += Number(kB) * 1024;
  }
  return { seconds, memory };
}
