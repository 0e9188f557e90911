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

  test("nothing is taken from a writer that writes, and nobody flies while another writer is on its way", async () => {
    const page = await visit(t.browser, t.site, "/studio/");
    const buttons = () =>
      page.run(() =>
        Object.fromEntries(
          ["keep", "airplane"].map((id) => {
            const button = document.getElementById(id);
            return [id, button.getAttribute("aria-disabled") !== "true"];
          }),
        ),
      );
    const closed = () =>
      page.run(() =>
        document.getElementById("airplane").getAttribute("aria-checked"),
      );
    const said = (words) => seen(page, words, (it) => it.said.includes(words));
    await loaded(page);
    await priced(page);
    assert.deepEqual(await buttons(), { keep: true, airplane: true });
    await click(page, "write");
    await seen(page, "the beginning", (it) => it.canStop);
    assert.deepEqual(await buttons(), { keep: false, airplane: true });
    await click(page, "keep");
    const done = await seen(page, "the end", (it) => it.canWrite);
    assert.match(done.live, /^Finished \d variants$/, "nobody was stopped");
    assert.deepEqual(await buttons(), { keep: true, airplane: true });
    const first = texts(done);

    // Where the model cannot be had again, everything goes on as before.
    const weights = "/pkg/models/default/model.safetensors";
    t.site.fault(weights, { status: 404 });
    await click(page, "keep");
    await said("could not be kept");
    assert.deepEqual(await buttons(), { keep: true, airplane: true });
    assert.equal(
      await page.run(() => document.getElementById("keep").textContent),
      "Keep the model on this device",
    );
    assert.ok((await look(page)).trouble.length > 0, "and why");
    assert.deepEqual(texts(await write(page)), first, "by the same writer");

    const held = t.site.fault(weights, { hold: 1000 });
    await click(page, "keep");
    await held.reached;
    assert.deepEqual(await buttons(), { keep: false, airplane: false });
    await click(page, "airplane");
    assert.equal(await closed(), "false", "not while it is fetched");
    held.release();
    t.site.heal(weights);
    await said("is kept");
    assert.deepEqual(await buttons(), { keep: true, airplane: true });
    await click(page, "airplane");
    await said("Airplane");
    assert.equal(await closed(), "true");
    assert.deepEqual(await buttons(), { keep: false, airplane: false });
    assert.deepEqual(texts(await write(page)), first, "it flies and writes");
    await page.close();
  });

  test("a worker that is gone is waited for no longer than its time", async () => {
    const page = await visit(t.browser, t.site, "/studio/");
    await loaded(page);
    const tried = (end) =>
      seen(page, "the trial", (it) => end.test(it.said)).then(({ said }) =>
        said.match(/Worker: [^:.]+/g).map((each) => each.slice(8)),
      );
    // One more of the package's workers, which closes itself: nobody is told of that.
    t.site.fault("/pkg/insight-worker.js", {
      body: "onmessage = () => close(); postMessage('here');",
    });
    await page.run(async () => {
      const address = "/pkg/insight-worker.js?gone";
      globalThis.gone = new Worker(address, { type: "module" });
      await new Promise((here) => (gone.onmessage = here));
      gone.postMessage("end");
    });
    t.site.heal("/pkg/insight-worker.js");
    const out = "the request went out";
    await click(page, "try");
    assert.deepEqual(await tried(/Page: .*Worker.*Worker.*Worker/), [
      out,
      out,
      "no answer",
    ]);
    // A worker that the page itself ends is not waited for any more.
    const from = t.site.log.length;
    await page.run(() => {
      document.getElementById("privacy-said").textContent = "";
      document.getElementById("try").click();
    });
    await until(
      "the other answers",
      () =>
        t.site.log.slice(from).filter(({ complete }) => complete).length === 3,
    );
    await page.run(() => gone.terminate());
    assert.deepEqual(await tried(/Page: .*Worker.*Worker/), [out, out]);
    await page.close();
  });
}, STUDIO);
