/** The element with the real engine: what is shown is what the engine wrote, and it costs the main thread nothing. */
import assert from "node:assert/strict";
import { visit } from "../support/each.mjs";
import { look, PAGE, REAL } from "../support/copies.mjs";

const TAGLINE = `format="tagline" name="Lumen Arc" category="desk lamp" features="dims with a tap | folds flat"
  seed="1" variants="8" timeout="0" loading="eager"`;

export default function (t, test) {
  test("the engine's own texts, one download, one worker; repeatable by their seeds", async () => {
    const page = await visit(t.browser, t.site, PAGE);
    const served = t.site.log.length;
    await page.run(
      async (html) => {
        globalThis.engines = 0;
        globalThis.Worker = class extends Worker {
          constructor(...args) {
            super(...args);
            engines += 1;
          }
        };
        globalThis.frames = [];
        const kind = "long-animation-frame";
        globalThis.measured =
          PerformanceObserver.supportedEntryTypes.includes(kind);
        if (measured)
          new PerformanceObserver((list) => {
            for (const { duration, scripts } of list.getEntries())
              frames.push({
                duration,
                scripts: scripts.map(({ sourceURL, duration }) => ({
                  sourceURL,
                  duration,
                })),
              });
          }).observe({ type: kind });
        lay(html);
        await define();
      },
      `<copy-wright id="a" ${TAGLINE}><p>${REAL} ${REAL}</p></copy-wright>
       <copy-wright id="b" ${TAGLINE}><p>${REAL} ${REAL}</p></copy-wright>`,
    );
    const ends = {};
    for (const id of ["a", "b"])
      ends[id] = await page.run((id) => ended(id), id);
    assert.deepEqual([ends.a.type, ends.b.type], ["copy-ready", "copy-ready"]);
    const weights = t.site
      .paths(served)
      .filter((path) => path.endsWith("model.safetensors"));
    assert.equal(weights.length, 1);
    assert.equal(await page.run(() => engines), 1);
    const heardOf = await page.run(() =>
      heard.filter(({ id }) => id === "a").map(({ type }) => type),
    );
    assert.equal(heardOf[0], "copy-progress");
    // Near-copies are left out: how many that are is the model's affair.
    const variants = heardOf.filter((type) => type === "copy-variant").length;
    assert.deepEqual(heardOf.slice(-2), ["copy-beforeswap", "copy-ready"]);
    const [a, b] = [await look(page, "a"), await look(page, "b")];
    console.log(`${t.name}: ${a.text} | ${b.text}`);
    assert.notEqual(a.text, b.text, "equal places, different texts");
    const { proposal, again, all, climbed } = await page.run(async () => {
      const { proposal } = by("a");
      const { Copywright } = await import("/pkg/index.js");
      const writer = await Copywright.create();
      const brief = {
        format: "tagline",
        name: "Lumen Arc",
        category: "desk lamp",
        features: ["dims with a tap", "folds flat"],
        language: "en",
      };
      const again = await writer.write(brief, { seed: proposal.seed });
      const all = await writer.variants(brief, { n: 8, seed: 1 });
      const { climb } = await import("/pkg/ladder.js");
      const climbed = await climb(brief, {
        ladder: ["engine"],
        writer,
        n: 8,
        seed: 1,
      });
      writer.destroy();
      return {
        proposal,
        again,
        all: { length: all.length, missing: all.missing.length },
        climbed,
      };
    });
    assert.equal(
      await page.run(() => engines),
      1,
      "the page's writer shares it",
    );
    assert.ok(variants > 1, `${variants} variants`);
    assert.equal(variants, all.length, "as many as the writer gives");
    assert.equal(all.length + all.missing, 8);
    assert.deepEqual(
      [climbed.source, climbed.text],
      ["engine", proposal.text],
      "the same first text that keeps all rules",
    );
    assert.ok(proposal.checks.every(({ pass }) => pass));
    assert.deepEqual([a.text, again], [proposal.text, proposal.text]);
    // No limit here: how long a frame takes is the machine's affair as much as ours.
    if (await page.run(() => measured)) {
      const frames = await page.run(() => frames);
      const own = frames
        .flatMap(({ scripts }) => scripts)
        .filter(({ sourceURL }) => sourceURL.includes("/pkg/"));
      const longest = Math.max(0, ...own.map(({ duration }) => duration));
      console.log(
        `${t.name}: ${frames.length} long frames, ${own.length} with scripts of ours, the longest of them ${longest} ms`,
      );
    }
    await page.close();
  });
}
