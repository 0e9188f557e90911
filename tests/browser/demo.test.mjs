/** The demo page, as a visitor uses it. */
import assert from "node:assert/strict";
import {
  choose,
  click,
  fill,
  loaded,
  look,
  seen,
  tabTo,
} from "./support/demo.mjs";
import { eachBrowser, visit } from "./support/each.mjs";

const WEIGHTS = "/pkg/models/default/model.safetensors";
const DEMO = { path: "/", allow: [/Failed to load resource/] };

/** One short text: software adapters are slow. */
async function short(page) {
  await choose(page, "count", "1");
  await choose(page, "format", "tagline");
  await fill(page, "maxTokens", "8");
}

/** Texts that no adapter has finished before they are stopped. */
async function long(page) {
  await choose(page, "count", "4");
  await choose(page, "format", "email-body");
  await fill(page, "maxTokens", "250");
}

/** Presses Write, which is off at once, and waits until it is on again. */
async function write(page) {
  await click(page, "write");
  return seen(page, "the end", (it) => it.canWrite);
}

eachBrowser((t, test) => {
  test("loads and says what it runs on", async () => {
    await loaded(t.page);
    const it = await seen(t.page, "the memory held", (it) =>
      it.memory.endsWith("MB"),
    );
    console.log(`${t.name}: ${it.adapter}, ${it.memory}`);
    assert.ok(it.adapter.length > 1, "the adapter's name, or that it has none");
    if (t.name === "chromium") assert.match(it.adapter, /swiftshader/i);
    assert.equal(it.software, true, "a software adapter is called one");
    assert.match(it.memory, /^\d+(\.\d)? MB$/);
    assert.deepEqual(
      [it.canWrite, it.canStop, it.without, it.trouble],
      [true, false, false, false],
    );
    assert.equal(it.proofs.length, 4);
    assert.ok(
      it.proofs.every((proof) => proof.text === "" && proof.meter.now === 0),
    );
  });

  test("nothing filled in, Write: text streams, and Stop stops it", async () => {
    await t.page.run(() => {
      globalThis.shifts = 0;
      // Firefox does not tell of layout shifts.
      if (!PerformanceObserver.supportedEntryTypes.includes("layout-shift"))
        return;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) shifts += entry.value;
      }).observe({ type: "layout-shift" });
    });
    await click(t.page, "write");
    const writing = await seen(t.page, "the first text", (it) =>
      it.proofs.every((proof) => proof.text.length > 3),
    );
    assert.deepEqual(
      [writing.canWrite, writing.canStop, writing.live],
      [false, true, "Writing 4 variants"],
    );
    assert.ok(writing.proofs.every((proof) => proof.busy));
    await seen(t.page, "more text", (it) =>
      it.proofs.every(
        (proof, i) => proof.text.length > writing.proofs[i].text.length,
      ),
    );
    await click(t.page, "stop");
    const stopped = await seen(t.page, "the end", (it) => it.canWrite);
    assert.match(stopped.state, /Stopped/);
    assert.equal(stopped.canStop, false);
    // The caret and the line that says how it ended move a little; what is read does not.
    const shifts = await t.page.run(() => globalThis.shifts);
    assert.ok(
      shifts < 0.001,
      `the layout shifted by ${shifts} while text arrived`,
    );
    for (const [i, proof] of stopped.proofs.entries()) {
      assert.ok(
        proof.text.startsWith(writing.proofs[i].text),
        "what was written stays",
      );
      assert.equal(proof.busy, false);
      assert.match(proof.origin, /seed \d+, stopped/);
      const length = [...new Intl.Segmenter("en").segment(proof.text)].length;
      assert.equal(proof.meter.now, length, "the meter counts characters");
      assert.ok(proof.count.startsWith(`${length} of `));
      assert.match(
        proof.meter.text,
        new RegExp(`^${length} of \\d+ characters$`),
      );
    }
  });

  test("the same seed writes the same text again, and says how it went", async () => {
    await short(t.page);
    await fill(t.page, "seed", "77");
    await t.page.run(() => {
      document.getElementById("fresh").checked = false;
    });
    const first = await write(t.page);
    const second = await write(t.page);
    console.log(
      `${t.name}: ${first.proofs[0].text}; ${first.speed}, first token ${first.first}; ${first.proofs[0].chips.join(", ")}`,
    );
    assert.equal(first.state, "Finished");
    assert.ok(first.proofs[0].text.length > 0);
    assert.equal(second.proofs[0].text, first.proofs[0].text);
    assert.match(first.proofs[0].origin, /^seed 77/);
    assert.ok(first.proofs[0].chips.length >= 1, "what was checked is shown");
    assert.match(first.speed, /^[\d.]+ tokens\/s$/);
    assert.match(first.first, /^\d+ ms$/);
    assert.ok(
      first.code.includes("seed: 77") &&
        first.code.includes('format: "tagline"'),
      "the code is that of this text",
    );
  });

  test("the code on the page writes the text on the page", async () => {
    const { proofs, code } = await look(t.page);
    // The arguments of the one call in it.
    const call =
      /writer\.(?:variants|writeStreaming)\(([\s\S]*)\);\n\nfor/.exec(
        code,
      )?.[1];
    assert.ok(call, code);
    const [input, options] = new Function(`return [${call}]`)();
    const other = await visit(t.browser, t.site, "/test/index.html");
    const text = await other.run(
      async ([input, options]) => {
        const writer = await Copywright.create();
        // As on the page, under the brief's rules.
        const rules = { unconstrained: false, ...options };
        return (await writer.variants(input, rules))[0].text;
      },
      [input, options],
    );
    await other.close();
    assert.equal(text, proofs[0].text);
  });

  test("without rules the checks say what they keep out", async () => {
    const page = await visit(t.browser, t.site, "/");
    await loaded(page);
    await choose(page, "count", "3");
    await choose(page, "format", "ad-headline");
    await fill(page, "maxTokens", "24");
    await fill(page, "seed", "7");
    await fill(page, "temperature", "1.5");
    await click(page, "free");
    const failing = ({ proofs }) =>
      proofs
        .flatMap(({ chips }) => chips)
        .filter((chip) => chip.startsWith("✗"));
    const free = await write(page);
    assert.match(free.code, /unconstrained: true/);
    assert.equal(free.proofs.length, 3);
    assert.notDeepEqual(failing(free), [], "without rules something breaks");
    await click(page, "free");
    await fill(page, "maxTokens", "");
    const kept = await write(page);
    assert.ok(!kept.code.includes("unconstrained"));
    assert.ok(kept.proofs.some(({ chips }) => chips.length > 1));
    assert.deepEqual(failing(kept), [], "under rules nothing does");
    await page.close();
  });

  test("explains a text, token by token", async () => {
    const page = await visit(t.browser, t.site, "/");
    await loaded(page);
    await short(page);
    const plain = await write(page);
    const closed = await page.run(() => ({
      section: document.getElementById("explained").checkVisibility(),
      buttons: document.querySelectorAll(".why:not([hidden])").length,
    }));
    assert.deepEqual(closed, { section: false, buttons: 0 });
    assert.ok(!plain.code.includes("explain"));
    await choose(page, "format", "meta-description");
    await choose(page, "count", "2");
    await fill(page, "maxTokens", "");
    await fill(page, "seed", "5");
    await click(page, "explain");
    const { proofs, code, state } = await write(page);
    assert.match(code, /explain: true[\s\S]*copy\.explanation/);
    const open = () =>
      page.run(() => {
        const map = document.getElementById("heatmap");
        const options = [...map.querySelectorAll("[role=option]")];
        const chosen = options.find((each) => each.ariaSelected === "true");
        const why = map.querySelector(".heatmap-why");
        return {
          title: document.getElementById("explained-title").textContent,
          tokens: options.map((each) => ({
            text: each.dataset.ends === undefined ? each.textContent : "",
            label: each.getAttribute("aria-label"),
            share: parseFloat(each.style.getPropertyValue("--p")),
          })),
          stops: options.filter((each) => each.tabIndex === 0).length,
          chosen: options.indexOf(chosen),
          focused: options.indexOf(document.activeElement),
          described: chosen.getAttribute("aria-describedby") === why.id,
          why: why.querySelector(".heatmap-chosen").textContent,
          rows: [...why.querySelectorAll("tbody tr")].map((row) => ({
            text: row.querySelector("th").textContent,
            crossed: row.querySelector("th > s") !== null,
            verdict: row.querySelector(".heatmap-verdict").textContent,
          })),
          pressed: [...document.querySelectorAll(".why:not([hidden])")].map(
            (button) => button.getAttribute("aria-pressed"),
          ),
        };
      });
    const first = await open();
    const texts = proofs.map(({ text }) => text).filter(Boolean);
    console.log(
      `${t.name}: ${state}: ${JSON.stringify(texts)}; ${first.why}; ${JSON.stringify(first.rows)}`,
    );
    assert.equal(first.title, "Why variant 1 reads as it does");
    const joined = ({ tokens }) =>
      tokens.map(({ text }) => text.replace("↵", "")).join("");
    assert.equal(joined(first), proofs[0].text);
    for (const { label, share } of first.tokens) {
      assert.match(label, /, (below 0\.1|[\d.]+) %/);
      assert.ok(0 <= share && share <= 100);
    }
    assert.deepEqual([first.stops, first.described], [1, true]);

    // One stop for Tab, then arrow keys.
    await page.run(() =>
      document.querySelector("#heatmap [tabindex='0']").focus(),
    );
    await page.press("Home");
    const struck = new Set();
    for (let at = 0; at < first.tokens.length; at++) {
      const { chosen, focused, stops, rows, why } = await open();
      assert.deepEqual([chosen, focused, stops], [at, at, 1], why);
      assert.equal(rows.length, 5);
      for (const { crossed, verdict } of rows) {
        assert.equal(crossed, verdict.startsWith("struck out: "), verdict);
        if (crossed) struck.add(verdict);
      }
      await page.press("ArrowRight");
    }
    const last = await open();
    assert.equal(last.chosen, first.tokens.length - 1, "and no further");
    console.log(`${t.name}: ${[...struck].join("; ")}`);
    assert.ok(struck.size > 0, "the rules have struck something out");
    await page.press("ArrowUp");
    const above = await open();
    assert.ok(above.chosen < last.chosen && above.focused === above.chosen);

    // Another text, and none.
    assert.deepEqual(first.pressed, ["true", "false"]);
    await page.run(() => document.querySelectorAll(".why")[1].click());
    const second = await open();
    assert.deepEqual(second.pressed, ["false", "true"]);
    assert.equal(second.title, "Why variant 2 reads as it does");
    assert.equal(joined(second), proofs[1].text);
    await choose(page, "format", "tagline");
    assert.equal(
      await page.run(() =>
        document.getElementById("explained").checkVisibility(),
      ),
      false,
    );
    assert.deepEqual(page.problems, []);
    await page.close();
  });

  test("by keyboard alone", async () => {
    const page = await visit(t.browser, t.site, "/");
    await loaded(page);
    await long(page);
    await page.press("Tab");
    assert.equal(
      await page.run(() => document.activeElement.className),
      "skip",
      "the first stop is the skip link",
    );
    await tabTo(page, "write");
    await page.press("Enter");
    await seen(
      page,
      "the first text",
      (it) => it.proofs[0].text.length > 0 && it.canStop,
    );
    await page.press("Tab");
    assert.equal((await look(page)).focus, "stop", "Stop comes after Write");
    await page.press("Enter");
    const stopped = await seen(page, "the end", (it) => it.canWrite);
    assert.equal(stopped.focus, "stop", "the focus stays");
    await page.press("Control+Enter");
    await seen(
      page,
      "the first text",
      (it) => it.proofs[0].text.length > 0 && it.canStop,
    );
    await page.press("Escape");
    const escaped = await seen(page, "the end", (it) => it.canWrite);
    assert.match(escaped.live, /Stopped/);
    assert.deepEqual(page.problems, []);
    await page.close();
  });

  test("a model that does not come: said, tried again, and Stop does not break what comes after", async () => {
    t.site.fault(WEIGHTS, { status: 404 });
    const page = await visit(t.browser, t.site, "/");
    const troubled = await seen(page, "the trouble", (it) => it.trouble);
    assert.match(
      await page.run(() => document.getElementById("trouble").innerText),
      /could not be fetched[\s\S]*404/,
    );
    assert.equal(troubled.canWrite, true);
    const tried = () =>
      t.site.paths().filter((path) => path === WEIGHTS).length;
    const before = tried();
    await click(page, "retry");
    await seen(
      page,
      "the trouble again",
      (it) => it.trouble && tried() > before,
    );
    t.site.heal();
    // Now the writer is made by the press of Write that is then stopped.
    await long(page);
    await click(page, "write");
    await seen(page, "the first text", (it) => it.proofs[0].text.length > 0);
    await click(page, "stop");
    assert.match(
      (await seen(page, "the end", (it) => it.canWrite)).state,
      /Stopped/,
    );
    await short(page);
    const again = await write(page);
    assert.equal(again.trouble, false, `after a stop: ${again.state}`);
    assert.equal(again.state, "Finished");
    await page.close();
  });
}, DEMO);
