/** The examples as a visitor uses them: no barrier, nothing lost on a phone, each small, and they do what they say. */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { it } from "node:test";
import { axe, overflowing } from "./support/demo.mjs";
import { eachBrowser, until, visit } from "./support/each.mjs";
import { EXAMPLES } from "./support/examples.mjs";
import { kept, NOTHING } from "./support/kept.mjs";
import { ROOT } from "./support/server.mjs";

it("each is small", async () => {
  const folder = `${ROOT}www/examples/`;
  const all = await readdir(folder);
  for (const name of EXAMPLES) {
    const own = all.filter((file) => file.split(".")[0] === name);
    let lines = 0;
    for (const file of own)
      lines += (await readFile(folder + file, "utf8"))
        .trim()
        .split("\n").length;
    assert.ok(own.length === 2 && lines < 60, `${name}: ${lines} lines`);
  }
});

const WITHOUT = {
  webgpu: "none",
  path: "/examples/",
  allow: [/No available adapters/],
};

/** Chromium's SwiftShader takes seconds for every engine: what the pages look like is seen without one. */
for (const dark of [false, true])
  eachBrowser(
    (t, test) => {
      const theme = dark ? "dark" : "light";
      test(`axe finds nothing, and 360 pixels are enough, ${theme}`, async () => {
        const lost = [];
        for (const name of ["index", ...EXAMPLES]) {
          const page = await visit(t.browser, t.site, `/examples/${name}.html`);
          const scheme = await page.run(
            () => matchMedia("(prefers-color-scheme: dark)").matches,
          );
          assert.equal(scheme, dark, "the browser prefers what it was told");
          const { violations, passes } = await axe(page);
          assert.ok(passes > 10, "axe has looked");
          await page.resize(360, 740);
          const narrow = await overflowing(page);
          for (const each of [...violations, ...narrow])
            lost.push(`${name}: ${each}`);
          await page.close();
        }
        assert.deepEqual(lost, []);
      });
    },
    { ...WITHOUT, dark },
  );

eachBrowser((t, test) => {
  test("without WebGPU the pages read as they were written", async () => {
    const page = await visit(t.browser, t.site, "/examples/product.html");
    await until("the reason", () =>
      page.run(() =>
        document.getElementById("said").textContent.includes("no-webgpu"),
      ),
    );
    const text = await page.run(
      () => document.getElementById("blurb").textContent,
    );
    assert.match(text, /Lumen Arc is a desk lamp for small flats/);
    await page.close();
  });
}, WITHOUT);

eachBrowser(
  (t, test) => {
    test("a catalogue of 24 comes from one download", async () => {
      const page = await visit(t.browser, t.site, "/examples/catalogue.html");
      const from = t.site.log.length;
      await page.run(() => scrollTo(0, 0));
      await until("two that have ended", () =>
        page.run(
          () =>
            document
              .getElementById("said")
              .textContent.match(/\d+/g)
              ?.reduce((sum, n) => sum + Number(n), 0) >= 2,
        ),
      );
      const said = await page.run(
        () => document.getElementById("said").textContent,
      );
      const { all, marked } = await page.run(() => ({
        all: document.querySelectorAll("copy-wright").length,
        marked: document.querySelectorAll("[data-ai-generated]").length,
      }));
      console.log(`${t.name}: ${said}; ${marked} marked`);
      assert.equal(all, 24);
      const weights = t.site
        .paths()
        .filter((path) => path.endsWith("model.safetensors"));
      assert.equal(weights.length, 1);
      assert.ok(from > 0);
      await page.close();
    });

    test("a landing page that knows nobody who has not agreed, and forgets", async () => {
      const page = await visit(
        t.browser,
        t.site,
        "/examples/landing.html?for=quiet+calls",
      );
      const said = () =>
        page.run(() => document.getElementById("said").textContent);
      await until("the first end", said);
      const first = await said();
      assert.match(first, /without knowing you|Our own text/);
      assert.deepEqual(await page.run(kept), NOTHING);
      await page.run(() => {
        document.getElementById("said").textContent = "";
        document.getElementById("personalisation").click();
      });
      await until("the second end", said);
      console.log(`${t.name}: ${first} ${await said()}`);
      assert.match(await said(), /for your interest|Our own text/);
      assert.deepEqual(await page.run(kept), NOTHING);
      await page.run(() => document.getElementById("forget").click());
      await until("that it is forgotten", async () =>
        /Nothing is kept/.test(await said()),
      );
      await page.close();
    });

    test("completions stream and stop", async () => {
      const page = await visit(t.browser, t.site, "/examples/completions.html");
      await page.run(() => document.querySelector("#form button").click());
      const text = () =>
        page.run(() => document.getElementById("text").textContent);
      await until("the first text", text);
      await page.run(() => document.getElementById("stop").click());
      const said = () =>
        page.run(() => document.getElementById("said").textContent);
      await until("the end", async () => /Stopped|Finished/.test(await said()));
      await page.run(() => document.querySelector("#form button").click());
      await until("it writes again", async () => (await text()).length > 3);
      await page.close();
    });
  },
  { browsers: ["firefox"], path: "/examples/" },
);
