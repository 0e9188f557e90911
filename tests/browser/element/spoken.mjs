/** What `<copy-wright>` says of itself: to assistive technology, and of the language of a text. */
import assert from "node:assert/strict";
import { axe } from "../support/demo.mjs";
import { until } from "../support/each.mjs";
import { element, GOOD, look, REAL, told } from "../support/copies.mjs";

export default function (t, test) {
  test("busy while it writes; said once, and only to a person who asked", async () => {
    await t.page.run(() => define());
    let give;
    t.site.fault("/v1/chat/completions", {
      json: () =>
        new Promise((done) => {
          give = () =>
            done({ choices: [{ message: { content: GOOD } }], model: "x" });
        }),
    });
    await t.page.run(
      (html) => {
        lay(html);
        globalThis.said = [];
        new MutationObserver((records) => {
          for (const { target } of records) {
            const region = target.closest?.("[role=status]");
            if (region?.textContent) said.push(region.textContent);
          }
        }).observe(document.body, { childList: true, subtree: true });
        by("ask").onclick = () => by("a").write();
      },
      `${element("a", 'ladder="/v1/chat/completions" loading="eager"')}<button id="ask">Another</button>`,
    );
    await until("the request", () => give);
    const state = () =>
      t.page.run(() => {
        let state;
        try {
          state = by("a").matches(":state(busy)");
        } catch {
          // A browser that knows no states of elements.
        }
        return [by("a").getAttribute("aria-busy"), state, by("a").busy];
      });
    assert.deepEqual((await state()).slice(0, 2), ["true", true]);
    const barriers = { busy: await axe(t.page) };
    assert.equal((await look(t.page, "a")).text, REAL);
    give();
    await t.page.run(() => ended("a"));
    assert.deepEqual(await state(), [null, false, false]);
    await t.page.run(() => painted(20));
    assert.deepEqual(await t.page.run(() => said), [], "nobody asked");
    give = undefined;
    await t.page.page.click("#ask");
    await until("the request", () => give);
    give();
    await t.page.run(() => ended("a", 2));
    await until("the announcement", () => t.page.run(() => said.length > 0));
    await t.page.run(() => painted(10));
    assert.deepEqual(await t.page.run(() => said), [GOOD]);
    barriers.announced = await axe(t.page);
    await told(t.page, element("a"), ["Lumen Arc is the best lamp."]);
    barriers.fallen = await axe(t.page);
    for (const [when, { violations, passes }] of Object.entries(barriers)) {
      assert.deepEqual(violations, [], when);
      assert.ok(passes > 10, "axe has looked");
    }
  });

  test("says which language a text is in, and which way it runs", async () => {
    const html = `<div lang="ar" dir="rtl">${element("a", 'language="en"')}</div>`;
    await told(t.page, html, [GOOD]);
    const spoken = await t.page.run(() => {
      const { lang, dir } = by("a").querySelector("p");
      return [lang, dir];
    });
    assert.deepEqual(spoken, ["en", "ltr"]);
    await t.page.run(() => by("a").restore());
    const { html: back, generated } = await look(t.page, "a");
    assert.deepEqual([back, generated], [`<p>${REAL}</p>`, null]);
    await told(t.page, element("a"), [GOOD]);
    const same = await t.page.run(() =>
      by("a").querySelector("p").getAttribute("lang"),
    );
    assert.equal(same, null, "the page is in English already");
  });
}
