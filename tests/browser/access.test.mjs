/** The demo page for everybody: no barrier that axe knows of, light and dark; no word lost on a narrow screen. */
import assert from "node:assert/strict";
import {
  axe,
  choose,
  click,
  fill,
  loaded,
  overflowing,
  seen,
} from "./support/demo.mjs";
import { eachBrowser } from "./support/each.mjs";

/** Whether a text lies open with its tokens. */
const explained = (page) =>
  page.run(() => document.querySelector("#heatmap table")?.checkVisibility());

for (const dark of [false, true]) {
  eachBrowser(
    (t, test) => {
      test(`axe finds nothing, ${dark ? "dark" : "light"}`, async () => {
        const scheme = await t.page.run(
          () => matchMedia("(prefers-color-scheme: dark)").matches,
        );
        assert.equal(scheme, dark, "the browser prefers what it was told");
        await loaded(t.page);
        const ground = () =>
          t.page.run(
            () =>
              getComputedStyle(document.documentElement).backgroundColor +
              getComputedStyle(document.body).backgroundColor,
          );
        const own = await ground();
        const found = {};
        found.ready = await axe(t.page);
        await choose(t.page, "format", "support-reply");
        await choose(t.page, "count", "1");
        await fill(t.page, "maxTokens", "8");
        await t.page.run(() => {
          for (const details of document.querySelectorAll("details"))
            details.open = true;
        });
        await click(t.page, "explain");
        await click(t.page, "write");
        await seen(
          t.page,
          "the first text",
          (it) => it.proofs[0].text.length > 0,
        );
        found.writing = await axe(t.page);
        await seen(t.page, "the end", (it) => it.canWrite);
        assert.ok(await explained(t.page), "the text is explained");
        found.explained = await axe(t.page);
        // The page's own switch overrides the browser's wish.
        await choose(t.page, "theme", dark ? "light" : "dark");
        assert.notEqual(await ground(), own, "the switch changes the colours");
        found.switched = await axe(t.page);
        await choose(t.page, "theme", "auto");
        assert.equal(await ground(), own);
        console.log(
          `${t.name}: ${Object.entries(found)
            .map(([when, { passes }]) => `${passes} rules passed ${when}`)
            .join(", ")}`,
        );
        for (const [when, { violations, passes }] of Object.entries(found)) {
          assert.ok(passes > 20, "axe has looked");
          assert.deepEqual(violations, [], when);
        }
      });

      if (dark) return;
      test("axe would find something", async () => {
        await t.page.run(() => {
          const image = document.createElement("img");
          image.id = "barrier";
          document.body.append(image);
        });
        const { violations } = await axe(t.page);
        await t.page.run(() => document.getElementById("barrier").remove());
        assert.ok(
          violations.some((violation) => violation.startsWith("image-alt")),
          violations.join(),
        );
      });

      test("360 pixels are enough", async () => {
        await t.page.resize(360, 740);
        const lost = {};
        if (await explained(t.page)) lost.explained = await overflowing(t.page);
        await fill(
          t.page,
          "name",
          "Donaudampfschifffahrtsgesellschaftskapitänskajüte",
        );
        for (const format of [
          "product-blurb",
          "support-reply",
          "ad-headline",
        ]) {
          await choose(t.page, "format", format);
          lost[format] = await overflowing(t.page);
        }
        // What does not fit must be seen, or the test says nothing.
        await t.page.run(() => {
          const wide = document.createElement("p");
          wide.id = "wide";
          wide.style.width = "400px";
          wide.textContent = "too wide";
          document.querySelector("main").append(wide);
        });
        const wide = await overflowing(t.page);
        await t.page.run(() => document.getElementById("wide").remove());
        await t.page.resize(1280, 900);
        assert.ok(
          wide.some((each) => each.includes('id="wide"')),
          "a paragraph that is too wide is seen",
        );
        assert.deepEqual(lost, {
          explained: [],
          "product-blurb": [],
          "support-reply": [],
          "ad-headline": [],
        });
      });
    },
    { path: "/", dark },
  );
}
