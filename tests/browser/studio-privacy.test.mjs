/** What the studio says of requests and of what it keeps is so. */
import assert from "node:assert/strict";
import { eachBrowser, until, visit } from "./support/each.mjs";
import { kept, NOTHING } from "./support/kept.mjs";
import {
  blind,
  click,
  loaded,
  look,
  priced,
  seen,
  STUDIO,
  TABS,
  type,
  write,
} from "./support/studio.mjs";

/** Texts that have passed. */
const texts = ({ variants }) =>
  variants.filter(({ chips }) => chips.length > 0).map(({ text }) => text);

eachBrowser((t, test) => {
  test("in airplane mode everything goes on, and nobody is asked", async () => {
    const page = await visit(t.browser, t.site, "/studio/");
    await loaded(page);
    await priced(page);
    const first = texts(await write(page));
    const tried = () =>
      seen(page, "the trial", (it) => /Worker: .*Worker: .*\.$/.test(it.said));
    await click(page, "try");
    const open = await tried();
    assert.match(
      open.said,
      /Page: the request went out.*Worker: the request went out.*Worker: the request went out/,
    );
    await seen(page, "all three in the count", (it) => it.since === 3);
    assert.equal(
      t.site.log.filter(({ query }) => query.includes("tried")).length,
      3,
      "the site's own log",
    );
    await click(page, "airplane");
    await seen(page, "airplane mode", (it) => it.said.startsWith("Airplane"));
    const served = t.site.log.length;
    const asked = page.requests.length;
    const done = await write(page);
    assert.deepEqual(texts(done), first, "the same as before");
    const record = await blind(page);
    const pairs = Math.min(2, first.length);
    assert.equal(record.result.judgments, pairs);
    assert.equal(record.trials.length, pairs + 1, "and a trap");
    assert.equal(record.sha256.length, 64);
    assert.equal(record.provenance.lists.a.order.seed, 11);
    assert.equal(record.provenance.lists.a.texts[0].text, first[0]);
    for (const tab of TABS) await click(page, tab);
    await page.run(() =>
      document.querySelector("#presets button:nth-child(2)").click(),
    );
    await type(page, "never", "waterproof");
    await page.run(() => new Promise((later) => setTimeout(later, 1000)));
    assert.equal((await look(page)).since, 3);
    assert.deepEqual(t.site.paths(served), [], "the site's own log");
    assert.deepEqual(page.requests.slice(asked), [], "the browser's events");
    await click(page, "try");
    const closed = await tried();
    assert.match(
      closed.said,
      /Page: refused.*Worker: refused.*Worker: refused/,
    );
    assert.ok(closed.refused > 0, "the refusal is counted");
    assert.deepEqual(t.site.paths(served), [], "nor after a trial");
    assert.equal(
      await page.run(() =>
        document.getElementById("airplane").getAttribute("aria-checked"),
      ),
      "true",
    );
    assert.deepEqual(await page.run(kept), NOTHING);
    await page.close();
  });

  test("nothing is kept before the visitor agrees, and nothing after they have thought better of it", async () => {
    assert.deepEqual(await t.page.run(kept), NOTHING);
    const page = await visit(t.browser, t.site, "/studio/");
    await loaded(page);
    const said = (words) => seen(page, words, (it) => it.said.includes(words));
    const model = () =>
      page.run(() => document.querySelector("#kept td").textContent);
    assert.equal(await model(), "none");
    await click(page, "keep");
    await said("is kept");
    await until("the model in the list", async () => /MB/.test(await model()));
    const found = await page.run(kept);
    assert.ok(found.files.length + found.caches.length > 0, "it is there");
    await click(page, "keep");
    await said("no longer");
    await until("an empty list", async () => (await model()) === "none");
    await page.close();
  });
}, STUDIO);
