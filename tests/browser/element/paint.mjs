/** What the platform counts against a page: layout that shifts, and a largest paint that comes late. */
import assert from "node:assert/strict";
import { until } from "../support/each.mjs";
import { element, GOOD, LONG, look, told } from "../support/copies.mjs";

const PAINTED = "/element/painted.html";

export default function (t, test) {
  test("a text comes softly, and at once for those who want less motion", async () => {
    await t.page.run(async () => {
      await define();
      globalThis.softly = 0;
      const { animate } = Element.prototype;
      Element.prototype.animate = function (...how) {
        softly += 1;
        return animate.apply(this, how);
      };
    });
    await told(t.page, element("a"), [GOOD]);
    assert.equal(await t.page.run(() => softly), 1);
    // Here the browser itself cannot be told: what the page sees is.
    const less = (reduce) =>
      t.name === "chromium"
        ? t.page.page.emulateMedia({ reducedMotion: reduce ? "reduce" : null })
        : t.page.run((reduce) => {
            globalThis.asked ??= matchMedia;
            globalThis.matchMedia = reduce
              ? (query) => ({ matches: query.includes("motion: reduce") })
              : asked;
          }, reduce);
    await less(true);
    const end = await told(t.page, element("a"), [GOOD]);
    assert.equal(end.type, "copy-ready", JSON.stringify(end.detail));
    await less(false);
    assert.equal((await look(t.page, "a")).text, GOOD);
    assert.equal(await t.page.run(() => softly), 1, "not once more");
  });

  // Other browsers count neither.
  if (t.name !== "chromium") return;

  test("nothing moves, at three widths", async () => {
    const shifts = {};
    for (const width of [360, 800, 1440]) {
      await t.page.resize(width, 900);
      const cards = ["a", "b", "c"]
        .map((id) => `${element(id)}<p>What stands below the ${id} lamp.</p>`)
        .join("");
      await t.page.run((html) => lay(html), cards);
      await t.page.run(() => painted(5));
      await t.page.run(() => {
        globalThis.shift = 0;
      });
      await t.page.run((text) => {
        for (const id of ["a", "b", "c"]) by(id).ladder = [{ text }];
      }, GOOD);
      for (const id of ["a", "b", "c"])
        assert.equal(
          (await t.page.run((id) => ended(id), id)).type,
          "copy-ready",
        );
      await t.page.run(() => painted(15));
      shifts[width] = await t.page.run(() => shift);
    }
    await t.page.resize(1280, 900);
    console.log("layout shift by width:", shifts);
    assert.deepEqual(shifts, { 360: 0, 800: 0, 1440: 0 });
    await told(
      t.page,
      `${element("a", 'reveal="any"', "<p>Short.</p>")}<p>Below.</p>`,
      [LONG.repeat(2)],
    );
    await until("a shift that is seen", () => t.page.run(() => shift > 0));
  });

  test("a text that is put in place is no new largest paint", async () => {
    const body = `<!doctype html><html lang="en"><title>A lamp</title><link rel="stylesheet" href="page.css"><script type="module" src="page.js"></script><main>${element("a")}</main></html>`;
    t.site.fault(PAINTED, { body });
    const page = await t.browser.open(t.site.url(PAINTED));
    const { last, swapped, size } = await page.run(async (text) => {
      let entries = [];
      new PerformanceObserver((list) =>
        entries.push(...list.getEntries()),
      ).observe({
        type: "largest-contentful-paint",
        buffered: true,
      });
      await until("the first paint", () => entries.length > 0);
      let swapped;
      addEventListener("copy-ready", () => (swapped = performance.now()));
      await define();
      by("a").ladder = [{ text }];
      await ended("a");
      await painted(15);
      const { startTime, size } = entries.at(-1);
      return { last: startTime, size, swapped };
    }, GOOD);
    await page.close();
    t.site.heal(PAINTED);
    console.log(
      `largest paint at ${last} ms, ${size} square pixels; swapped at ${swapped} ms`,
    );
    assert.ok(last < swapped, "the page's own copy was the largest paint");
  });
}
