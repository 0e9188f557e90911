/** The package from another origin, with integrity: it works, and a changed byte is refused. */
import assert from "node:assert/strict";
import { head } from "../../../www/integrity.mjs";
import { element, GOOD, REAL } from "../support/copies.mjs";
import { serve } from "../support/server.mjs";

const SHOP = "/element/shop.html";

/** In the page: the text of its element, to which the site gives another one, and why that is not there. */
async function ends(text) {
  const a = document.getElementById("a");
  const ended = new Promise((done) => {
    addEventListener("copy-ready", () => done("ready"));
    addEventListener("copy-fallback", ({ detail }) => done(detail.reason));
  });
  a.ladder = [{ text }];
  for (let tries = 0; tries < 600 && !globalThis.refused; tries++) {
    if (customElements.get("copy-wright")) return [await ended, a.textContent];
    await new Promise((later) => setTimeout(later, 50));
  }
  return ["no element", a.textContent];
}

export default function (t, test) {
  test("from a CDN, with the hashes that the script prints", async () => {
    const cdn = await serve();
    cdn.open = true;
    const base = cdn.url("/pkg/");
    const origin = cdn.url("").replace(/\/$/, "");
    const policy = `default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval' ${origin} blob:; connect-src ${origin}; worker-src blob: ${origin}`;
    const body = `<!doctype html><html lang="en"><title>A shop</title>${await head(base, "index.js")}<main></main></html>`;
    try {
      t.site.fault(SHOP, { body, policy });
      const other = await t.browser.open(t.site.url(SHOP));
      const anonymous = await other.run(async (base) => {
        const { anonymise } = await import(`${base}insight.js`);
        return (await anonymise("Write to anna@example.com.")).text;
      }, base);
      await other.close();
      assert.equal(anonymous, "Write to [EMAIL_1].", "insight's worker");
      // Nothing in it depends on the browser, and SwiftShader takes seconds for every engine.
      if (t.name === "firefox") {
        const page = await t.browser.open(t.site.url(SHOP));
        const text = await page.run(async (base) => {
          const { Copywright } = await import(`${base}index.js`);
          const writer = await Copywright.create();
          const brief = { format: "tagline", name: "Lumen Arc" };
          const text = await writer.write(brief, { seed: 3, maxTokens: 16 });
          writer.destroy();
          return text;
        }, base);
        await page.close();
        assert.ok(text.length > 3, "the worker came from there too");
        console.log(`${t.name}: from another origin: ${text}`);
      }
      // The element alone, by a script with its hash; what it imports later is in the map.
      const watch = `<script>addEventListener("error", () => (globalThis.refused = true), true)</script>`;
      const copy = element("a", 'reveal="any"');
      t.site.fault(SHOP, {
        body: `<!doctype html><html lang="en"><title>A shop</title>${watch}${await head(base)}<main>${copy}</main></html>`,
        policy,
      });
      const shop = async (changed) => {
        if (changed) cdn.fault(`/pkg/${changed}`, { extend: 1 });
        const page = await t.browser.open(t.site.url(SHOP));
        const end = await page.run(ends, GOOD);
        await page.close();
        cdn.heal();
        return end;
      };
      assert.deepEqual(await shop(), ["ready", GOOD]);
      assert.deepEqual(await shop("check.js"), ["network", REAL]);
      assert.deepEqual(await shop("element.js"), ["no element", REAL]);
      t.site.fault(SHOP, {
        body: body.replace(/<script type="module".*?<\/script>/, ""),
        policy,
      });
      cdn.fault("/pkg/index.js", { extend: 1 });
      const wary = await t.browser.open(t.site.url(SHOP));
      const refused = await wary.run(
        (base) =>
          import(`${base}index.js`).then(
            () => "taken",
            (error) => error.name,
          ),
        base,
      );
      await wary.close();
      assert.equal(refused, "TypeError");
    } finally {
      t.site.heal(SHOP);
      await cdn.close();
    }
  });
}
