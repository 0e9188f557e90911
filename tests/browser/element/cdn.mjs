/** The package from another origin, with integrity: it works, and a changed byte is refused. */
import assert from "node:assert/strict";
import { head } from "../../../www/integrity.mjs";
import { serve } from "../support/server.mjs";

const SHOP = "/element/shop.html";

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
