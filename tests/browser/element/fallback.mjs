/** Whatever fails, the page's own text stays as it is, and one `copy-fallback` says why. */
import assert from "node:assert/strict";
import { visit } from "../support/each.mjs";
import { element, look, PAGE, REAL } from "../support/copies.mjs";

/** The policy of a page that forgot WebAssembly. */
const STRICT =
  "default-src 'none'; script-src 'self'; connect-src 'self'; worker-src 'self'; style-src 'self'";

/** Opens a page with one element, and sees that it ends as it must. `before` runs in the page first. */
export async function falls(
  t,
  reason,
  { from, attributes = "", before, prepare } = {},
) {
  const page = await visit(
    t.browser,
    t.site,
    from ? `${PAGE}?from=${from}` : PAGE,
  );
  await page.run(() => define());
  if (before) await page.run(before);
  await prepare?.(page);
  const served = t.site.log.length;
  await page.run(
    (html) => lay(html),
    element("a", `${attributes} loading="eager" timeout="0"`),
  );
  const html = (await look(page, "a")).html;
  const end = await page.run(() => ended("a"));
  await page.run(() => painted(10));
  const after = await look(page, "a");
  const told = await page.run(() =>
    heard.map(({ type }) => type).filter((type) => type !== "copy-progress"),
  );
  const asked = t.site.paths(served);
  console.log(`${t.name}: ${reason}: ${JSON.stringify(end.detail)}`);
  assert.equal(end.detail.reason, reason);
  assert.deepEqual(
    end.detail.steps.map((step) => step.reason),
    [reason],
  );
  assert.deepEqual(told, ["copy-fallback"], "one event, and no other");
  assert.deepEqual(
    [after.text, after.html, after.generated, after.busy],
    [REAL, html, null, null],
  );
  await page.close();
  return asked;
}

export default function (t, test) {
  test("a policy that refuses WebAssembly", async () => {
    t.site.fault("/pkg/worker.js", { policy: STRICT });
    await falls(t, "csp");
    t.site.heal();
  });

  test("weights that are not there, and weights of another hash", async () => {
    t.site.fault("/m/none/model.safetensors", { status: 404 });
    await falls(t, "network", { attributes: 'model="/m/none/"' });
    t.site.fault("/m/other/model.safetensors", { flip: 1_000_000 });
    await falls(t, "damaged", { attributes: 'model="/m/other/"' });
    t.site.heal();
  });

  test("a GPU that goes away for good", async () => {
    await falls(t, "gpu", { from: "/gone/pkg/" });
  });

  test("too slow", async () => {
    const held = t.site.fault("/m/slow/model.safetensors", { hold: 1000 });
    await falls(t, "timeout", {
      attributes: 'timeout="300" model="/m/slow/"',
    });
    held.release();
    t.site.heal();
  });

  test("no consent, or the wish to save data: nothing is fetched", async () => {
    assert.deepEqual(
      await falls(t, "consent", { attributes: 'consent="storage"' }),
      [],
    );
    const saving = () =>
      Object.defineProperty(navigator, "connection", {
        value: { saveData: true },
        configurable: true,
      });
    assert.deepEqual(await falls(t, "save-data", { before: saving }), []);
  });

  test("no network", async () => {
    if (t.name === "chromium") {
      await falls(t, "offline", {
        prepare: (page) => page.page.context().setOffline(true),
      });
      return;
    }
    // Here the browser itself cannot be taken off the network: what the page sees is.
    await falls(t, "offline", {
      before: () =>
        Object.defineProperty(navigator, "onLine", { value: false }),
    });
  });
}
