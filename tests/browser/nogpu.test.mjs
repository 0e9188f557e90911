/** Browsers without a usable GPU: the package says so, and the demo page still has something to say. */
import assert from "node:assert/strict";
import { axe, choose, look, overflowing, seen } from "./support/demo.mjs";
import { eachBrowser, visit } from "./support/each.mjs";
import { falls } from "./element/fallback.mjs";

// Chromium's own remark when a page asks for an adapter.
const allow = [/No available adapters/];

eachBrowser(
  (t, test) => {
    test("unavailable, and NotSupportedError", async () => {
      const page = await visit(t.browser, t.site, "/test/index.html");
      const { adapter, availability, error, later } = await page.run(
        async () => ({
          adapter: (await navigator.gpu?.requestAdapter()) ?? null,
          availability: await Copywright.availability(),
          error: await caught(() => Copywright.create()),
          later: await Copywright.availability({ precision: "f32" }),
        }),
      );
      console.log(`${t.name}: ${error.name}: ${error.message}`);
      assert.equal(
        adapter,
        null,
        "there is no adapter: the test tests what it says",
      );
      assert.deepEqual([availability, later], ["unavailable", "unavailable"]);
      assert.equal(error.name, "NotSupportedError");
      assert.match(error.message, /adapter|WebGPU/);
      assert.ok(
        !t.site.paths().some((path) => path.endsWith(".safetensors")),
        "nothing large was fetched",
      );
      await page.close();
    });

    test("the demo explains itself and shows examples written by people", async () => {
      const it = await seen(
        t.page,
        "the explanation",
        (it) => it.without && it.proofs.length > 0,
      );
      const words = await t.page.run(
        () => document.getElementById("without").innerText,
      );
      assert.match(words, /WebGPU/);
      assert.match(words, /Chrome[\s\S]*Firefox[\s\S]*Safari/);
      assert.ok(
        (
          await t.page.run(
            () => document.getElementById("without-reason").textContent,
          )
        ).length > 20,
        "and why",
      );
      assert.deepEqual(
        [it.canWrite, it.canStop, it.trouble],
        [false, false, false],
      );
      assert.ok(it.proofs.length >= 3);
      for (const proof of it.proofs) {
        assert.match(proof.origin, /by hand/);
        assert.ok(proof.text.length > 10 && proof.meter.now > 10);
      }
      const before = it.proofs.map((proof) => proof.text);
      await t.page.run(() =>
        document.querySelectorAll("#presets button")[1].click(),
      );
      const after = (await look(t.page)).proofs.map((proof) => proof.text);
      assert.notDeepEqual(after, before, "another product, other examples");
      await choose(t.page, "format", "tagline");
      assert.ok((await look(t.page)).proofs.length >= 3);
      assert.ok(
        it.code.includes("Copywright.create"),
        "the code is still there",
      );
      await t.page.press("Control+Enter");
      assert.deepEqual(
        (await look(t.page)).canStop,
        false,
        "there is nothing to start",
      );
    });

    test("the element leaves the page's own text, and fetches nothing", async () => {
      assert.deepEqual(await falls(t, "no-webgpu"), []);
    });

    test("it reads well there too", async () => {
      const { violations } = await axe(t.page);
      assert.deepEqual(violations, []);
      await t.page.resize(360, 740);
      assert.deepEqual(await overflowing(t.page), []);
    });
  },
  { webgpu: "none", path: "/", allow },
);
