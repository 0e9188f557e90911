/** The same tests in each browser, on one page of their own per file and browser. */
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { BROWSERS, launch } from "./browsers.mjs";
import { serve } from "./server.mjs";

/** Longest that one test may take before it counts as hung. Software adapters are slow; this is no measure of speed. */
const HUNG = 180_000;

/**
 * Declares tests for each browser. `body(t, test)` gets the site, the browser and its page, filled in before the first
 * test runs, and `test(name, work)`. After each test, nothing may have gone wrong unnoticed.
 *
 * `path` is the page; `counted` takes the package whose worker counts; `allow` are problems that are part of the test;
 * `ready` is run in the page before the first test.
 */
export function eachBrowser(
  body,
  {
    browsers = BROWSERS,
    counted = false,
    allow = [],
    path,
    ready,
    ...options
  } = {},
) {
  const address =
    path ?? `/test/index.html${counted ? "?from=/counted/pkg/" : ""}`;
  for (const name of browsers) {
    describe(name, () => {
      const t = { name, site: undefined, browser: undefined, page: undefined };
      before(
        async () => {
          t.site = await serve();
          t.browser = await launch(name, options);
          t.page = await visit(t.browser, t.site, address);
          if (ready) await t.page.run(ready);
        },
        { timeout: HUNG },
      );
      after(async () => {
        await t.browser?.close();
        await t.site?.close();
      });
      afterEach(() => quiet(t, allow));
      body(t, (title, work) => it(title, { timeout: HUNG }, work));
    });
  }
}

/** Opens a page, as another tab of the visitor of `tab` if there is one. One of ours is ready when it has the package. */
export async function visit(browser, site, path, tab) {
  const page = await (tab
    ? tab.beside(site.url(path))
    : browser.open(site.url(path)));
  const { status } = site.log.findLast((entry) => path.startsWith(entry.path));
  assert.equal(
    status,
    200,
    `${path} is not there: is everything built (cargo xtask build)?`,
  );
  if (path.startsWith("/test/")) {
    await page.run(async () => {
      for (let tries = 0; !globalThis.Copywright && tries < 600; tries++)
        await new Promise((done) => setTimeout(done, 50));
    });
    const there = await page.run(() => typeof globalThis.Copywright);
    assert.equal(
      there,
      "function",
      `the package did not load: ${page.problems.join("; ")}; is pkg/ built (cargo xtask build)?`,
    );
  }
  return page;
}

/** Fails when a page, a worker or the policy complained of something that the tests did not ask for. */
export async function quiet({ page, site }, allow = []) {
  const inside = await page.run(async () => [
    ...(globalThis.problems ?? []),
    ...((await globalThis.totals?.())?.problems ?? []),
  ]);
  const found = [...page.problems, ...inside].filter(
    (text) => !allow.some((pattern) => pattern.test(text)),
  );
  page.problems.length = 0;
  await page.run(() => {
    if (globalThis.problems) globalThis.problems.length = 0;
  });
  assert.deepEqual(found, [], "unnoticed problems");
  assert.deepEqual(site.violations, [], "violations of the policy");
}

/** Waits until something holds; bounded. */
export async function until(what, holds) {
  for (let tries = 0; tries < 6000; tries++) {
    const value = await holds();
    if (value) return value;
    await new Promise((done) => setTimeout(done, 10));
  }
  throw new Error(`never came: ${what}`);
}

/** Waits until what `look` sees of a page fits, and tells what it saw last where it never does. */
export const seenBy = (look) => async (page, what, fits) => {
  let last;
  return until(what, async () => {
    last = await look(page);
    return fits(last) ? last : undefined;
  }).catch((error) => {
    throw new Error(
      `${error.message}; last seen: ${JSON.stringify(last)}; ${page.problems.join("; ")}`,
    );
  });
};
