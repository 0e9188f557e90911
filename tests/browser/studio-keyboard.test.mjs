/** The studio by keyboard: each stop of Tab is seen and comes in the page's order, and all of it can be done. */
import assert from "node:assert/strict";
import { tabTo } from "./support/demo.mjs";
import { eachBrowser, until, visit } from "./support/each.mjs";
import {
  click,
  loaded,
  look,
  priced,
  seen,
  STUDIO,
  TABS,
  write,
} from "./support/studio.mjs";

/** In the page: what is in focus, where it comes in the page, and what is wrong with how it is seen. */
async function stop() {
  // The window has followed.
  for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
  const focused = document.activeElement;
  if (!focused || focused === document.body) return undefined;
  // What stands for a radio button that is out of sight is the face beside it.
  const face = focused.nextElementSibling;
  const shown = focused.matches('.hidden, input[type="radio"]') && face;
  const element = shown || focused;
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  const within =
    box.bottom > 0 &&
    box.top < innerHeight &&
    box.right > 0 &&
    box.left < innerWidth;
  // In the part that the window shows.
  const [left, right] = [
    Math.max(box.left, 0),
    Math.min(box.right, innerWidth),
  ];
  const [top, bottom] = [
    Math.max(box.top, 0),
    Math.min(box.bottom, innerHeight),
  ];
  const free = [0.1, 0.5, 0.9].some((at) => {
    const x = left + at * (right - left);
    const hit = document.elementFromPoint(x, top + at * (bottom - top));
    const parts = [element, focused];
    return parts.some(
      (each) => hit && (each.contains(hit) || hit.contains(each)),
    );
  });
  const wrong = [
    ...(outlineStyle === "none" || parseFloat(outlineWidth) < 2
      ? ["no outline"]
      : []),
    ...(within ? [] : ["out of the window"]),
    ...(free ? [] : ["covered"]),
  ];
  const all = [...document.querySelectorAll("*")];
  const name =
    focused.id || focused.name || focused.className || focused.tagName;
  return { name, at: all.indexOf(focused), wrong };
}

/** Walks from the page's first stop to one that is among its last. Past the end, Firefox without a window loses the focus. */
async function walk(page, last) {
  await page.run(() => document.querySelector(".skip").focus());
  await page.press("Tab");
  await page.press("Shift+Tab");
  const way = [await page.run(stop)];
  while (way.length < 200 && way.at(-1).name !== last) {
    await page.press("Tab");
    const here = await page.run(stop);
    assert.ok(
      here?.at > way.at(-1).at,
      `${here?.name} after ${way.at(-1).name}`,
    );
    way.push(here);
  }
  assert.deepEqual([way[0].name, way.at(-1).name], ["skip", last]);
  return way;
}

/** A stop of each panel: the last one, or a late one. */
const ENDS = {
  "tab-blind": "blind-begin",
  "tab-privacy": "look",
  "tab-share": "copy-link",
  "tab-variants": "number",
};

/** Types into what is in focus. */
const typed = (page, text) => page.page.keyboard.type(text);

eachBrowser((t, test) => {
  test("each stop is seen, and all stops come in the page's order", async () => {
    const page = await visit(t.browser, t.site, "/studio/");
    await loaded(page);
    await priced(page);
    await write(page);
    await page.run(() => {
      for (const details of document.querySelectorAll("details"))
        details.open = true;
    });
    const wrong = [];
    const stops = new Set();
    for (const width of [1280, 390]) {
      await page.resize(width, 900);
      for (const tab of TABS) {
        await click(page, tab);
        const way = await walk(page, ENDS[tab]);
        for (const { name, wrong: how } of way) {
          stops.add(name);
          for (const each of how)
            wrong.push(`${width} ${tab}: ${name} ${each}`);
        }
        const names = way.map(({ name }) => name);
        for (const name of ["write", "stop", tab])
          assert.ok(names.includes(name), `${tab}: ${name} of ${names}`);
      }
    }
    console.log(`${t.name}: ${stops.size} kinds of stops`);
    assert.deepEqual(wrong, []);
    // What is not seen would be told.
    await page.run(() => {
      document.getElementById("write").style.outline = "none";
    });
    const found = (await walk(page, "number")).flatMap(({ name, wrong: how }) =>
      how.map((each) => `${name} ${each}`),
    );
    assert.deepEqual(found, ["write no outline"]);
    await page.close();
  });

  test("a blind test, an airplane mode and the element to take away, with no pointer", async () => {
    const page = await visit(t.browser, t.site, "/studio/");
    await loaded(page);
    await priced(page);
    await tabTo(page, "write");
    await page.press("Enter");
    await seen(page, "the beginning", (it) => it.canStop);
    await seen(page, "the end", (it) => it.canWrite);
    await tabTo(page, "tab-variants");
    await page.press("ArrowRight");
    await tabTo(page, "blind-take-a");
    await page.press("Enter");
    await tabTo(page, "blind-source-b");
    await typed(page, "a person");
    await page.press("Tab");
    await typed(page, "A quiet grinder for the early cup, for €89");
    await tabTo(page, "blind-begin");
    await page.press("Enter");
    assert.equal((await look(page)).focus, "blind-title");
    const heard = () =>
      page.run(() => {
        const said = document.getElementById("blind-said");
        return [said.getAttribute("role"), said.textContent];
      });
    assert.deepEqual(await heard(), ["status", "1 of 2"]);
    await page.press("1");
    assert.deepEqual(await heard(), ["status", "2 of 2"]);
    await page.press("0");
    await until("the result", async () => /Done/.test((await heard())[1]));
    assert.equal((await look(page)).focus, "blind-export");

    for (let presses = 0; presses < 20; presses++) {
      await page.press("Shift+Tab");
      if ((await look(page)).focus === "tab-blind") break;
    }
    await page.press("End");
    assert.equal((await look(page)).focus, "tab-share");
    await tabTo(page, "copy-snippet");
    await page.press("Enter");
    await until("what came of it", () =>
      page.run(() =>
        /Copied|Not allowed/.test(
          document.getElementById("copy-snippet").textContent,
        ),
      ),
    );
    for (let presses = 0; presses < 20; presses++) {
      await page.press("Shift+Tab");
      if ((await look(page)).focus === "tab-share") break;
    }
    await page.press("ArrowLeft");
    await tabTo(page, "airplane");
    await page.press(" ");
    await seen(page, "airplane mode", (it) => it.said.startsWith("Airplane"));
    assert.equal((await look(page)).focus, "airplane", "it keeps the focus");
    await page.close();
  });
}, STUDIO);
