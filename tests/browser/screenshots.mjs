/**
 * Pictures of the studio and of the examples, as they are in Chromium: `node tests/browser/screenshots.mjs [NAME...]` writes
 * them to www/screenshots/ as WebP, below 150 kB each. The texts are the model's own, with a fixed seed; what stands there is
 * what a software adapter has written.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { launch } from "./support/browsers.mjs";
import { until } from "./support/each.mjs";
import { EXAMPLES } from "./support/examples.mjs";
import { ROOT, serve } from "./support/server.mjs";
import { loaded, seen, write } from "./support/studio.mjs";

const FOLDER = `${ROOT}www/screenshots/`;
const MOST = 150_000;
const DESK = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };
const wanted = process.argv.slice(2);

const site = await serve();
const browser = await launch("chromium");
await mkdir(FOLDER, { recursive: true });

/** Encodes what the browser shows as WebP, in the browser: no other tool is needed. */
async function shoot(page, name) {
  const png = await page.page.screenshot({ fullPage: false });
  const canvas = await (
    await browser.browser.newContext({ bypassCSP: true })
  ).newPage();
  await canvas.goto("about:blank");
  for (const quality of [0.9, 0.8, 0.7, 0.5, 0.3]) {
    const data = await canvas.evaluate(
      async ([png, quality]) => {
        const picture = await createImageBitmap(
          await (await fetch(`data:image/png;base64,${png}`)).blob(),
        );
        const to = new OffscreenCanvas(picture.width, picture.height);
        to.getContext("2d").drawImage(picture, 0, 0);
        const blob = await to.convertToBlob({ type: "image/webp", quality });
        const bytes = new Uint8Array(await blob.arrayBuffer());
        let binary = "";
        for (const byte of bytes) binary += String.fromCharCode(byte);
        return btoa(binary);
      },
      [png.toString("base64"), quality],
    );
    const bytes = Buffer.from(data, "base64");
    if (bytes.length > MOST) continue;
    await writeFile(`${FOLDER}${name}.webp`, bytes);
    console.log(`${name}.webp: ${bytes.length} bytes, quality ${quality}`);
    break;
  }
  await canvas.context().close();
}

const SIDES = [
  ["desk", "light"],
  ["desk", "dark"],
  ["phone", "light"],
  ["phone", "dark"],
];

/** The same page in both themes and both widths, or in some of these. */
async function everySide(page, name, prepare, sides = SIDES) {
  for (const [size, scheme] of sides) {
    const { width, height } = size === "desk" ? DESK : PHONE;
    await page.resize(width, height);
    await page.page.emulateMedia({ colorScheme: scheme });
    await prepare(size);
    await shoot(page, `${name}-${size}-${scheme}`);
  }
}

async function studio() {
  const page = await browser.open(site.url("/studio/"), DESK);
  await loaded(page);
  await page.run(() => {
    for (const button of document.querySelectorAll("#presets button"))
      if (button.dataset.preset === "puddlejack") button.click();
    document.getElementById("must").value = "14 hours";
    document.getElementById("seed").value = "5";
  });
  await write(page);
  const top = (size) =>
    page.run((size) => {
      document.activeElement?.blur();
      const where = document.getElementById("tabs").getBoundingClientRect();
      scrollTo(0, size === "phone" ? scrollY + where.top - 8 : 0);
    }, size);
  await everySide(page, "studio", top);
  // What each word was chosen from, in the first variant.
  const why = () =>
    page.run(() => {
      const details = document.querySelector(".why-words details");
      details.open = true;
      details.closest(".variant").scrollIntoView();
    });
  await why();
  await everySide(page, "studio-tokens", why);
  await page.run(() => document.getElementById("tab-privacy").click());
  await page.run(() => document.getElementById("airplane").click());
  await seen(page, "airplane mode", (it) => it.said.startsWith("Airplane"));
  await everySide(page, "studio-privacy", top);
  await page.close();
}

/** What an example says of how it went. */
const said = (page) =>
  page.run(() => document.getElementById("said")?.textContent ?? "");

/** Until nothing has changed for two seconds. */
async function still(page) {
  for (let last, tries = 0; tries < 60; tries++) {
    const now = await page.run(() => document.body.innerText);
    if (now === last) return;
    last = now;
    await new Promise((later) => setTimeout(later, 2000));
  }
}

async function example(name) {
  const page = await browser.open(site.url(`/examples/${name}.html`), DESK);
  // While the model comes, it says how much of it is there.
  const told = async () => /[a-z]{3}/i.test(await said(page));
  if (["product", "landing", "catalogue"].includes(name))
    await until("the end of it", told);
  if (name === "product") {
    // On a slow machine the first one comes too late to be shown.
    await page.run(() => {
      document.getElementById("said").textContent = "";
      document.getElementById("another").click();
    });
    await until("another", told);
  }
  if (name === "completions") {
    await page.run(() => document.querySelector("#form button").click());
    const ended = async () => /Finished|Stopped/.test(await said(page));
    await until("its text", ended);
  }
  await still(page);
  const top = () => page.run(() => scrollTo(0, 0));
  await everySide(page, `example-${name}`, top, [SIDES[0], SIDES[3]]);
  await page.close();
}

const jobs = [
  ["studio", studio],
  ...["index", ...EXAMPLES].map((name) => [name, () => example(name)]),
];
for (const [name, job] of jobs)
  if (wanted.length === 0 || wanted.includes(name)) await job();
await browser.close();
await site.close();
