/** The map of a text's tokens, with tokens made up for it: it shows them as text, whatever they look like. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { axe } from "./support/demo.mjs";
import { eachBrowser } from "./support/each.mjs";
import { ROOT } from "./support/server.mjs";

const { build } = createRequire(join(ROOT, "www/package.json"))("esbuild");
const { outputFiles } = await build({
  entryPoints: [join(ROOT, "www/demo/heatmap.ts")],
  bundle: true,
  write: false,
  format: "iife",
  globalName: "made",
});

const other = (token, text, probability, ...struck) => ({
  token,
  text,
  probability,
  struck,
});
const likely = [other(1, "A", 0.6), other(2, "B", 0.2)];
const TOKENS = [
  { token: 1, text: "A", probability: 0.6, alternatives: likely },
  {
    token: 3,
    text: " <img src=x onerror=alert(1)>",
    probability: 0.0004,
    alternatives: [
      other(4, "<b>", 0.5, "markup"),
      other(5, " cheap", 0.3, "never", "length"),
      other(0, "", 0.1, "ending"),
    ],
  },
  { token: 6, text: "", probability: 0.02, alternatives: likely },
  { token: 7, text: "é\n", probability: 0.3, alternatives: likely },
  {
    token: 0,
    text: "",
    probability: 1,
    alternatives: [other(0, "", 1), other(8, "\n", 0)],
  },
];

eachBrowser(
  (t, test) => {
    const shown = (tokens) =>
      t.page.run(
        async ([code, tokens]) => {
          globalThis.made = new Function(`${code}; return made`)();
          const place = document.getElementById("heatmap");
          document.getElementById("explained").hidden = false;
          document.getElementById("explained-title").textContent = "A text";
          made.heatmap(place, tokens);
        },
        [outputFiles[0].text, tokens],
      );
    const look = () =>
      t.page.run(() => {
        const map = document.getElementById("heatmap");
        const all = (selector) => [...map.querySelectorAll(selector)];
        return {
          tokens: all("[role=option]").map((each) => each.textContent),
          labels: all("[role=option]").map((each) =>
            each.getAttribute("aria-label"),
          ),
          shades: all("[role=option]").map((each) => each.dataset.shade),
          chosen: all("[role=option]").findIndex(
            (each) => each.ariaSelected === "true",
          ),
          rows: all("tbody tr").map((row) =>
            [...row.children].map((cell) => cell.textContent),
          ),
          crossed: all("tbody s").map((each) => each.textContent),
          strange: all("img, b b, script").length,
        };
      });

    test("tokens are text, and what was struck out is crossed out with its rule", async () => {
      await shown(TOKENS);
      const it = await look();
      assert.deepEqual(it.tokens, [
        "A",
        " <img src=x onerror=alert(1)>",
        "·",
        "é↵\n",
        "end",
      ]);
      assert.deepEqual(it.shades, ["0", "4", "3", "1", "0"]);
      assert.deepEqual(it.labels, [
        "A, 60 %",
        "<img src=x onerror=alert(1)>, below 0.1 %, others were struck out",
        "part of a character, 2.0 %",
        "é line break, 30 %",
        "end of the text, 100 %",
      ]);
      assert.equal(it.chosen, 1, "where the likeliest was struck out");
      assert.deepEqual(it.rows, [
        ["<b>", "50 %", "struck out: markup"],
        ["␣cheap", "30 %", "struck out: never, length"],
        ["end of the text", "10 %", "struck out: ending"],
      ]);
      assert.deepEqual(it.crossed, ["<b>", "␣cheap", "end of the text"]);
      assert.equal(it.strange, 0);
      const { violations } = await axe(t.page);
      assert.deepEqual(violations, []);
    });

    test("another text takes its place, and none leaves nothing", async () => {
      await shown(TOKENS.slice(0, 1));
      const it = await look();
      assert.deepEqual(it.tokens, ["A"]);
      assert.deepEqual(it.rows, [
        ["A", "60 %", "chosen"],
        ["B", "20 %", ""],
      ]);
      await shown([]);
      const left = await t.page.run(
        () => document.getElementById("heatmap").childElementCount,
      );
      assert.equal(left, 0);
    });
  },
  { path: "/", webgpu: "none", allow: [/No available adapters/] },
);
