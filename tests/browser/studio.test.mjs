/** The studio, as a marketer uses it. */
import assert from "node:assert/strict";
import { axe, overflowing, tabTo } from "./support/demo.mjs";
import { eachBrowser, quiet, until, visit } from "./support/each.mjs";
import { POLICY } from "./support/server.mjs";
import {
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

/** A page that somebody has put the studio's element into. */
const TAKEN = "/element/taken.html";

/** Letters as people count them: the unit of the formats used here, where no letter is wide. */
const letters = (text) => [...new Intl.Segmenter("en").segment(text)].length;

eachBrowser((t, test) => {
  let texts;
  let link;

  test("variants in their place: drafts, then what has passed, with meters, chips and sources", async () => {
    const { page } = t;
    const ready = await loaded(page);
    assert.equal(ready.software, true, "a software adapter is called one");
    assert.match(ready.memory, /^[\d.]+ \+ [\d.]+ MB$/);
    await priced(page);
    assert.deepEqual(
      (await look(page)).variants.map(({ place, meter }) => [place, meter]),
      Array(3).fill(["Search ad", "0 of 30 characters"]),
    );
    await click(page, "write");
    const draft = await seen(page, "a draft", (it) =>
      it.variants.some(({ text }) => text.length > 2),
    );
    assert.ok(draft.variants.every((each) => each.draft));
    assert.ok(
      draft.variants.every(({ origin }) => origin.endsWith("a draft")),
      "a draft is called one",
    );
    assert.ok(draft.variants.every(({ chips }) => chips.length === 0));
    const done = await seen(page, "the end", (it) => it.canWrite);
    console.log(
      `${t.name}: ${done.variants.map(({ text }) => text).join(" | ")}; ${done.speed}, first token ${done.first}, ${done.memory}`,
    );
    assert.match(done.live, /^Finished \d variants$/);
    assert.match(done.speed, /tokens\/s$/);
    assert.match(done.first, /ms$/);
    const passed = done.variants.filter(({ chips }) => chips.length > 0);
    assert.ok(passed.length > 0);
    for (const variant of passed) {
      assert.equal(variant.draft, false);
      assert.equal(
        variant.meter,
        `${letters(variant.text)} of 30 characters`,
        "the platform's own count",
      );
      assert.ok(
        variant.chips.includes(
          `✓ Length: ${letters(variant.text)} of 30, kept`,
        ),
      );
      assert.ok(variant.chips.includes("✓ Must say: €89, kept"));
      assert.ok(variant.chips.every((chip) => chip.startsWith("✓ ")));
      assert.ok(variant.numbers.includes("From Fact “price”"), variant.text);
    }
    const explained = await page.run(async () => {
      for (const details of document.querySelectorAll(".why-words details"))
        details.open = true;
      await new Promise((later) => setTimeout(later, 200));
      return [...document.querySelectorAll(".why-words")].map((why) => ({
        text: [...why.querySelectorAll("[role=option]:not([data-ends])")]
          .map((each) => each.textContent.replace("↵", "").replace("·", ""))
          .join(""),
        struck: why.querySelectorAll("[data-barred]").length,
        rows: why.querySelectorAll("tbody tr").length,
      }));
    });
    passed.forEach(({ text }, i) => {
      assert.equal(explained[i].text, text, "the tokens are the text");
      assert.equal(explained[i].rows, 5, "with what else could have come");
    });
    assert.ok(
      explained.some(({ struck }) => struck > 1),
      "the rules have struck something out",
    );
    texts = passed.map(({ text }) => text);
    link = done.link;
  });

  test("a number leads to its field", async () => {
    const { page } = t;
    const marked = () =>
      page.run(() =>
        [...document.querySelectorAll(".sourced")].map((each) => each.value),
      );
    // Other numbers may stand before it; behind each is what only a screen reader says.
    await page.run(() => {
      globalThis.price = [...document.querySelectorAll(".number")].find(
        (each) => each.firstChild.data === "€89",
      );
      price.focus();
    });
    assert.deepEqual(await marked(), ["€89"], "looked at");
    await page.run(() => document.getElementById("write").focus());
    assert.deepEqual(await marked(), []);
    await page.run(() => price.click());
    assert.equal(await page.run(() => document.activeElement.value), "€89");
    assert.deepEqual(await marked(), ["€89"]);
  });

  test("a contradiction is said while typing, with both sides, and nothing is written", async () => {
    const { page } = t;
    await type(page, "never", "quiet\n€89");
    const warned = await seen(page, "a warning", (it) => it.contradiction);
    assert.match(
      warned.contradiction,
      /Must say 1 "€89" holds "€89", which Never say 2 forbids/,
    );
    const marked = await page.run(() =>
      [...document.querySelectorAll("[aria-invalid]")].map(({ id }) => id),
    );
    assert.deepEqual(marked, ["must", "never"]);
    await click(page, "write");
    await until(
      "the first field",
      async () => (await look(page)).focus === "must",
    );
    assert.equal((await look(page)).canStop, false);
    await type(page, "never", "");
    await seen(page, "that it is gone", (it) => it.contradiction === "");
    assert.equal(
      await page.run(() => document.querySelectorAll("[aria-invalid]").length),
      0,
    );
  });

  test("the link gives the same texts, and sends nothing", async () => {
    const page = await visit(
      t.browser,
      t.site,
      `/studio/${new URL(link).hash}`,
    );
    await loaded(page);
    const filled = await look(page);
    assert.ok(
      filled.variants.every(({ text }) => text === ""),
      "nothing is written before somebody asks",
    );
    assert.equal(
      await page.run(() => document.getElementById("seed").value),
      "11",
    );
    const again = await write(page);
    assert.deepEqual(
      again.variants
        .filter(({ chips }) => chips.length > 0)
        .map(({ text }) => text),
      texts,
    );
    assert.ok(
      t.site.log.every(
        ({ path, query }) => !`${path}${query}`.includes("brief"),
      ),
    );
    assert.deepEqual(page.problems, []);
    await page.close();
  });

  test("the element, taken away, asks for this very brief", async () => {
    const { snippet } = await look(t.page);
    const hash = new URL(link).hash.replace("#brief=", "");
    const order = JSON.parse(Buffer.from(hash, "base64url").toString());
    assert.match(snippet, /import "copywright\/element";/);
    const map = { imports: { "copywright/element": "/pkg/element.js" } };
    const head = `<script type="importmap">${JSON.stringify(map)}</script><script type="module" src="page.js"></script><script type="module">pretend((work, n) => Array(n).fill("For €89, Quernel."));</script>`;
    t.site.fault(TAKEN, {
      body: `<!doctype html><html lang="en"><title>A shop</title>${head}<main>${snippet}</main></html>`,
      policy: POLICY.replace("'self'", "'self' 'unsafe-inline'"),
    });
    const page = await visit(t.browser, t.site, TAKEN);
    const { work } = await page.run(async () => {
      await until("the call", () => asked.some(({ type }) => type === "call"));
      return asked.find(({ type }) => type === "call");
    });
    await quiet({ page, site: t.site });
    await page.close();
    t.site.heal(TAKEN);
    const { context, language, ...brief } = work.input;
    assert.deepEqual(brief, order.brief);
    assert.deepEqual([context, language], [{}, "en"]);
    assert.deepEqual(
      [work.options.n, work.options.seed],
      [order.n, order.seed],
    );
  });

  test("by keyboard alone, and nothing moves", async () => {
    const page = await visit(t.browser, t.site, "/studio/");
    await loaded(page);
    await priced(page);
    await page.press("Tab");
    assert.equal((await look(page)).focus, "skip");
    await tabTo(page, "write");
    await page.press("Enter");
    await seen(page, "the beginning", (it) => it.canStop);
    await page.press("Tab");
    assert.equal((await look(page)).focus, "stop");
    await seen(page, "a draft", (it) =>
      it.variants.some(({ text }) => text.length > 2),
    );
    assert.equal(await page.run(() => document.getAnimations().length), 0);
    await seen(page, "the end", (it) => it.canWrite);
    await tabTo(page, "tab-variants");
    await page.press("ArrowRight");
    assert.equal((await look(page)).focus, "tab-blind");
    await page.press("ArrowRight");
    assert.equal((await look(page)).focus, "tab-privacy");
    assert.ok(
      await page.run(() =>
        document.getElementById("panel-privacy").checkVisibility(),
      ),
    );
    await tabTo(page, "airplane");
    await page.press("Enter");
    await seen(page, "airplane mode", (it) => it.said.startsWith("Airplane"));
    // Backwards: past the end of the page, Firefox without a window loses what is in focus.
    for (let presses = 0; presses < 9; presses++) {
      await page.press("Shift+Tab");
      if ((await look(page)).focus === "tab-privacy") break;
    }
    await page.press("Home");
    assert.equal((await look(page)).focus, "tab-variants");
    // Other numbers may stand before the price.
    const price = () =>
      page.run(() => document.activeElement.firstChild?.data === "€89");
    for (let presses = 0; presses < 19; presses++) {
      await page.press("Tab");
      if (await price()) break;
    }
    assert.equal((await look(page)).focus, "number");
    assert.ok(await price());
    await page.press("Enter");
    await until("the number's field", () =>
      page.run(() => document.activeElement.value === "€89"),
    );
    await page.press("Control+Enter");
    await seen(page, "the beginning", (it) => it.canStop);
    await page.press("Escape");
    const stopped = await seen(page, "the end", (it) => it.canWrite);
    assert.match(stopped.live, /Stopped/);
    await page.close();
  });

  test("no barrier and no word lost: both themes, wide and narrow, each panel", async () => {
    const { page } = t;
    const found = [];
    let looked = 0;
    for (const width of [1280, 390]) {
      await page.resize(width, 900);
      for (const theme of ["light", "dark"]) {
        await page.run(
          (theme) =>
            document.querySelector(`[name="theme"][value="${theme}"]`).click(),
          theme,
        );
        for (const tab of TABS) {
          await click(page, tab);
          const { violations, passes } = await axe(page);
          looked += passes;
          for (const each of [...violations, ...(await overflowing(page))])
            found.push(`${width} ${theme} ${tab}: ${each}`);
        }
      }
    }
    await page.resize(1280, 900);
    assert.deepEqual(found, []);
    assert.ok(looked > 320, `axe has looked: ${looked}`);
    if (t.name !== "chromium") return;
    await page.page.emulateMedia({ forcedColors: "active" });
    const [chosen, other] = await page.run(() =>
      [...document.querySelectorAll("[role=tab]")].map(
        (tab) => getComputedStyle(tab).backgroundColor,
      ),
    );
    assert.notEqual(chosen, other, "the chosen tab is seen");
    await page.page.emulateMedia({ forcedColors: "none" });
  });
}, STUDIO);

eachBrowser(
  (t, test) => {
    test("without WebGPU: why, what people wrote, and a brief that still warns", async () => {
      const { page } = t;
      const it = await seen(page, "why", (it) => it.state === "Examples only");
      assert.equal(it.canWrite, false);
      assert.ok(it.variants.length > 1);
      for (const { text, origin, count } of it.variants) {
        assert.equal(origin, "Example, written by hand");
        assert.ok(count.startsWith(`${letters(text.trim())} of `), text);
      }
      await type(page, "must", "quiet");
      await type(page, "never", "quiet");
      await seen(page, "a warning", (it) => it.contradiction);
      assert.deepEqual((await axe(page)).violations, []);
    });
  },
  { path: "/studio/", webgpu: "none", allow: [/No available adapters/] },
);
