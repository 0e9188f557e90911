/** Whatever a brief, a link or a model says is text in the studio, and never markup. */
import assert from "node:assert/strict";
import { eachBrowser, until, visit } from "./support/each.mjs";
import { loaded, look, seen } from "./support/studio.mjs";

/** Ways in that are known, for HTML, attributes, addresses, scripts and styles. */
const CORPUS = [
  "<script>globalThis.broken=1</script>",
  "<img src=x onerror=globalThis.broken=1>",
  "<svg/onload=globalThis.broken=1>",
  "<iframe srcdoc='<script>parent.broken=1</script>'></iframe>",
  '"><input autofocus onfocus=globalThis.broken=1>',
  "' onmouseover='globalThis.broken=1",
  "javascript:globalThis.broken=1",
  "</textarea><script>globalThis.broken=1</script>",
  "</template></code></pre><b id=inside>",
  "<a href=javascript:globalThis.broken=1>x</a>",
  "<math><mtext></p><style>*{display:none}</style>",
  "${globalThis.broken=1}{{constructor.constructor('broken=1')()}}",
  "\u202e<img src=//127.0.0.1:9/x>",
  "<meta http-equiv=refresh content=0;url=/>",
];

/** A worker that answers like the engine, with texts of its own: a model that says the worst. */
const WORST = `
const corpus = ${JSON.stringify(CORPUS).replaceAll("</", "<\\/")};
onmessage = ({ data }) => {
  if (data.type === "open") postMessage({ type: "ready", ready: {
    adapter: { name: corpus[1], vendor: "", architecture: "", backend: "", software: false, f16: false },
    model: { name: corpus[0], version: "1", languages: ["en"], chat: false }, inputQuota: 999,
    encoder: { dimensions: 0, maxTokens: 0 } } });
  if (data.type !== "call") return;
  const { id, work } = data;
  if (work.kind === "counters") return postMessage({ type: "done", id, value: { peakGpuBytes: 1, heapBytes: 1, gpuBytes: 1 } });
  corpus.slice(0, 8).forEach((text, index) => postMessage({ type: "delta", id, delta: { index, text } }));
  const copies = corpus.slice(0, 8).map((text, i) => ({
    text, seed: i, attempts: 1, model: corpus[2], briefHash: "", finishReason: "stop",
    checks: corpus.map((detail, j) => ({ rule: j ? "never" : corpus[3], pass: j % 2 === 0, detail, spans: [] })),
    explanation: corpus.map((text, token) => ({ token, text, probability: 0.5,
      alternatives: corpus.map((text, token) => ({ token, text, probability: 0.1, struck: token ? [text] : [] })) })),
    usage: { promptTokens: 1, completionTokens: 1 }, timing: { firstTokenMs: 1, tokensPerSecond: 1 },
  }));
  setTimeout(() => postMessage({ type: "done", id, value: { copies, missing: [{ seed: 9, reason: corpus[4] }] } }), 50);
};`;

/** What the page is made of, by the names of its elements, and whether anything has run. */
const inside = (page) =>
  page.run(() => ({
    broken: globalThis.broken,
    inside: document.getElementById("inside"),
    odd: [
      ...document.querySelectorAll(
        "img, iframe, math, object, embed, base, [onerror], [onload], [onfocus], [onmouseover], a[href^='javascript:']",
      ),
    ].map((each) => each.outerHTML),
    scripts: document.scripts.length,
    styles: document.querySelectorAll("style").length,
  }));

const CLEAN = {
  broken: undefined,
  inside: null,
  odd: [],
  scripts: 1,
  styles: 0,
};

eachBrowser(
  (t, test) => {
    test("in the brief, in a link, from the model", async () => {
      t.site.fault("/studio/watched-worker.js", { body: WORST });
      const brief = {
        format: "support-reply",
        name: CORPUS[1],
        brand: CORPUS[2],
        category: CORPUS[3],
        features: CORPUS,
        facts: { [CORPUS[4]]: CORPUS[5], price: CORPUS[6] },
        audience: CORPUS[7],
        context: { question: CORPUS[8] },
        allow: [{ class: "green", evidence: CORPUS[9] }],
      };
      const link = Buffer.from(
        JSON.stringify({ brief, n: 8, seed: 1 }),
      ).toString("base64url");
      const page = await visit(t.browser, t.site, `/studio/#brief=${link}`);
      await loaded(page);
      assert.equal(
        await page.run(() => document.querySelector('[name="name"]').value),
        CORPUS[1],
        "the link was taken",
      );
      const formats = await page.run(() =>
        [...document.querySelectorAll('[name="format"]')].map(
          ({ value }) => value,
        ),
      );
      assert.equal(formats.length, 13);
      for (const format of formats) {
        await page.run(
          (format) =>
            document
              .querySelector(`[name="format"][value="${format}"]`)
              .click(),
          format,
        );
        assert.deepEqual(await inside(page), CLEAN, format);
      }
      await page.run(() => document.querySelector('[value="tagline"]').click());
      await page.run(() => document.getElementById("write").click());
      const done = await seen(page, "the worst", (it) =>
        /Finished 8/.test(it.live),
      );
      assert.deepEqual(
        done.variants.map(({ text }) => text),
        CORPUS.slice(0, 8),
        "shown as it is",
      );
      assert.ok(done.snippet.includes("&lt;img"));
      await page.run(() => {
        for (const details of document.querySelectorAll("details"))
          details.open = true;
      });
      await until("the tokens", () =>
        page.run(
          () => document.querySelectorAll(".heatmap table").length === 8,
        ),
      );
      assert.deepEqual(await inside(page), CLEAN, "explained");
      // As sources and as texts of a blind test, down to its result.
      await page.run((corpus) => {
        const set = (id, text) => (document.getElementById(id).value = text);
        for (const side of ["a", "b"]) {
          set(`blind-source-${side}`, `${side} ${corpus.join(" ")}`);
          set(
            `blind-texts-${side}`,
            corpus.map((text) => text + side).join("\n\n"),
          );
        }
        document.getElementById("blind-begin").click();
      }, CORPUS);
      const voted = () =>
        page.run(() => {
          document.getElementById("blind-choose-a").click();
          return document.getElementById("blind-rows").children.length === 2;
        });
      await until("the result", voted);
      const tabs = ["tab-blind", "tab-privacy", "tab-share", "tab-variants"];
      for (const tab of tabs) {
        await page.run((id) => document.getElementById(id).click(), tab);
        assert.deepEqual(await inside(page), CLEAN, tab);
      }
      // The same words, as somebody types them into the rules: what the engine says of them is text, too.
      await page.run(() => {
        document.getElementById("must").value =
          '<img src=x onerror="globalThis.broken=1">';
        document.getElementById("never").value = "<img";
        document
          .getElementById("must")
          .dispatchEvent(new Event("input", { bubbles: true }));
      });
      await seen(page, "a warning", (it) => it.contradiction.includes("<img"));
      assert.deepEqual(await inside(page), CLEAN);
      assert.ok((await look(page)).adapter.startsWith("<img"));
      assert.deepEqual(page.problems, []);
      await page.close();
    });

    test("what is looked for would be found", async () => {
      const page = await visit(t.browser, t.site, "/studio/");
      await page.run((html) => {
        document.getElementById("live").innerHTML = html;
      }, CORPUS.slice(8, 11).join(""));
      const found = await inside(page);
      assert.ok(found.odd.length > 0 && found.styles > 0);
      await until("a report of it", () => t.site.violations.length > 0);
      await page.close();
      t.site.violations.length = 0;
    });
  },
  {
    path: "/studio/",
    allow: [/Content.Security.Policy|style-src|inline/i],
  },
);
