/** `<copy-wright>`: the page's own copy stays until there is a text that is checked, fits, and disturbs nobody. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { until } from "../support/each.mjs";
import {
  element,
  GOOD,
  LONG,
  look,
  REAL,
  told,
  types,
} from "../support/copies.mjs";
import { ROOT } from "../support/server.mjs";

export default function (t, test) {
  test("the copy stays as it is before the element is known, and what was set then counts", async () => {
    await t.page.run(
      ([html, text]) => {
        lay(html);
        const early = by("early");
        early.brief = { name: "Lumen Arc", never: ["cheapest"] };
        early.ladder = [{ text }];
        early.maxChars = 90;
      },
      [
        `<copy-wright id="early" format="product-blurb" loading="eager"><p>${REAL}</p></copy-wright>`,
        GOOD,
      ],
    );
    assert.equal((await look(t.page, "early")).text, REAL);
    await t.page.run(() => define());
    const end = await t.page.run(() => ended("early"));
    const own = await t.page.run(() => {
      const { brief, maxChars } = by("early");
      return [
        brief,
        maxChars,
        by("early").getAttribute("max-chars"),
        Object.keys(by("early")).length,
      ];
    });
    assert.equal(end.type, "copy-ready");
    assert.equal((await look(t.page, "early")).text, GOOD);
    assert.deepEqual(own, [
      { name: "Lumen Arc", never: ["cheapest"] },
      90,
      "90",
      0,
    ]);
  });

  test("events come in order, once, bubble, and say who wrote", async () => {
    const end = await told(t.page, element("a"), [GOOD]);
    assert.deepEqual(await types(t.page, "a"), [
      "variant",
      "beforeswap",
      "ready",
    ]);
    assert.equal(end.detail.text, GOOD);
    assert.equal(end.detail.source, "text");
    assert.ok(end.detail.checks.every(({ pass }) => pass));
    const it = await look(t.page, "a");
    assert.deepEqual([it.generated, it.busy, it.html], ["true", null, it.html]);
    assert.match(it.html, /^<p[^>]*>[^<]*<\/p>$/, "the paragraph is kept");
  });

  test("in a shadow tree, its events are heard outside", async () => {
    const { inside, outside } = await t.page.run(
      async ([html, text]) => {
        await define();
        lay(`<div id="shop"></div>`);
        const root = by("shop").attachShadow({ mode: "open" });
        root.innerHTML = html;
        root.getElementById("a").ladder = [{ text }];
        await ended("shop");
        return {
          inside: root.getElementById("a").textContent.trim(),
          outside: heard.map(({ type }) => type),
        };
      },
      [element("a", 'loading="eager"'), GOOD],
    );
    assert.equal(inside, GOOD);
    assert.deepEqual(
      outside,
      ["variant", "beforeswap", "ready"].map((type) => `copy-${type}`),
    );
  });

  test("a text that breaks a rule is never shown", async () => {
    const bad = "Lumen Arc is the best lamp for €9.";
    const end = await told(t.page, element("a"), [bad]);
    assert.equal(end.type, "copy-fallback");
    assert.equal(end.detail.reason, "checks");
    assert.deepEqual(await types(t.page, "a"), ["variant", "fallback"]);
    const it = await look(t.page, "a");
    assert.deepEqual([it.text, it.generated], [REAL, null]);
    const next = await told(t.page, element("a"), [bad, GOOD]);
    assert.equal(next.type, "copy-ready", "the next step is asked");
    assert.equal((await look(t.page, "a")).text, GOOD);
  });

  test("only what fits is put in place, unless any may", async () => {
    const inside = `<p class="low">${REAL}</p>`;
    const end = await told(t.page, element("a", "", inside), [LONG]);
    assert.equal(end.detail.reason, "fit");
    assert.equal((await look(t.page, "a")).text, REAL);
    const lines = await told(t.page, element("a", 'reveal="any"', inside), [
      LONG,
    ]);
    assert.equal(lines.type, "copy-ready");
    const inline = `<p>Before ${element("a", 'class="inline"', "our lamp")} after</p>`;
    const moved = await told(t.page, inline, [GOOD]);
    assert.equal(moved.detail.reason, "fit", "what stands beside would move");
  });

  test("nothing is lost: a link in the copy keeps it", async () => {
    const inside = `<p>${REAL} <a href="#">More</a></p>`;
    const end = await told(t.page, element("a", "", inside), [GOOD]);
    assert.equal(end.detail.reason, "fit");
    assert.match((await look(t.page, "a")).html, /<a href="#">More<\/a>/);
    const around = `<a href="#"><span>${REAL}</span></a>`;
    const kept = await told(t.page, element("a", "", around), [GOOD]);
    assert.equal(kept.type, "copy-ready");
    assert.match(
      (await look(t.page, "a")).html,
      /^<a href="#"><span[^>]*>Lumen/,
    );
  });

  test("a line for each of its places", async () => {
    const hero = `<copy-wright id="a" format="hero" name="Lumen Arc" features="folds flat"><h2>A lamp</h2><p>${REAL}</p></copy-wright>`;
    const end = await told(t.page, hero, [
      "Lumen Arc\nA desk lamp that folds flat.",
    ]);
    assert.equal(end.type, "copy-ready");
    const texts = await t.page.run(() =>
      [...by("a").children].map((each) => each.textContent),
    );
    assert.deepEqual(texts, ["Lumen Arc", "A desk lamp that folds flat."]);
    const one = hero.replace("hero", "tagline");
    const none = await told(t.page, one, ["Lumen Arc folds flat"]);
    assert.equal(none.detail.reason, "fit", "two places, one line");
  });

  test("a listener may decline, and sees the text before anybody else does", async () => {
    await t.page.run(
      ([html, text]) => {
        lay(html);
        by("a").addEventListener("copy-beforeswap", (event) => {
          globalThis.seen = [
            by("a").textContent,
            event.detail.text,
            by("a").proposal.text,
          ];
          event.preventDefault();
        });
        by("a").ladder = [{ text }];
      },
      [element("a"), GOOD],
    );
    const end = await t.page.run(() => ended("a"));
    assert.equal(end.detail.reason, "declined");
    assert.deepEqual(await t.page.run(() => seen), [REAL, GOOD, GOOD]);
    assert.equal((await look(t.page, "a")).text, REAL);
  });

  test("no swap under the focus or a selection", async () => {
    await t.page.run(
      ([html, text]) => {
        lay(html);
        by("link").focus();
        by("a").ladder = [{ text }];
      },
      [
        element(
          "a",
          'loading="eager"',
          `<a id="link" href="#"><span>${REAL}</span></a>`,
        ),
        GOOD,
      ],
    );
    const variant = () =>
      t.page.run(() => heard.some(({ type }) => type === "copy-variant"));
    await until("the text", variant);
    await t.page.run(() => painted(10));
    assert.equal((await look(t.page, "a")).text, REAL, "the focus is on it");
    await t.page.run(() => by("link").blur());
    await t.page.run(() => ended("a"));
    assert.equal((await look(t.page, "a")).text, GOOD);
    await t.page.run(
      ([html, text]) => {
        lay(html);
        getSelection().selectAllChildren(by("a").querySelector("p"));
        by("a").ladder = [{ text }];
      },
      [element("a", 'loading="eager"'), GOOD],
    );
    await until("the text", variant);
    await t.page.run(() => painted(10));
    assert.equal((await look(t.page, "a")).text, REAL, "it is selected");
    await t.page.run(() => getSelection().removeAllRanges());
    await t.page.run(() => ended("a"));
    assert.equal((await look(t.page, "a")).text, GOOD);
  });

  test("lazy ones wait until the visitor is near", async () => {
    const html = `<div class="far">up here</div>${element("a")}${element("b", 'loading="eager"')}`;
    await t.page.run(
      ([html, text]) => {
        scrollTo(0, 0);
        lay(html);
        by("a").ladder = by("b").ladder = [{ text }];
      },
      [html, GOOD],
    );
    await t.page.run(() => ended("b"));
    await t.page.run(() => painted(10));
    assert.deepEqual(await types(t.page, "a"), [], "it has not begun");
    await t.page.run(() => by("a").scrollIntoView());
    const end = await t.page.run(() => ended("a"));
    assert.equal(end.type, "copy-ready");
  });

  test("another brief begins anew, the same one does not; a moved element goes on", async () => {
    await told(t.page, element("a"), [GOOD]);
    await t.page.run(async () => {
      const a = by("a");
      a.setAttribute("name", "Lumen Arc");
      a.brief = {};
      document.querySelector("main").append(a);
      await painted(10);
    });
    assert.deepEqual(await types(t.page, "a"), [
      "variant",
      "beforeswap",
      "ready",
    ]);
    await t.page.run(() => by("a").setAttribute("never", "folds"));
    const end = await t.page.run(() => ended("a", 2));
    assert.equal(end.detail.reason, "checks");
    assert.equal(
      (await look(t.page, "a")).text,
      REAL,
      "what was written for another brief is gone",
    );
  });

  test("a mistake in the brief is told to the page's author", async () => {
    const end = await told(
      t.page,
      element("a").replace("product-blurb", "haiku"),
      [GOOD],
    );
    assert.equal(end.detail.reason, "brief");
    assert.ok(t.page.problems.some((text) => /haiku/.test(text)));
  });

  test("the manifest names what the element has", async () => {
    const manifest = JSON.parse(
      await readFile(`${ROOT}pkg/custom-elements.json`, "utf8"),
    );
    const [{ attributes, members, events }] = manifest.modules[0].declarations;
    const real = await t.page.run(() => ({
      attributes: CopyWright.observedAttributes,
      members: Object.getOwnPropertyNames(CopyWright.prototype),
    }));
    const names = (list) => list.map(({ name }) => name).sort();
    assert.deepEqual(names(attributes), [...real.attributes].sort());
    const hidden =
      /^(constructor|connectedCallback|disconnectedCallback|attributeChangedCallback)$/;
    assert.deepEqual(
      names(members),
      real.members.filter((name) => !hidden.test(name)).sort(),
    );
    assert.equal(events.length, 5);
  });
}
