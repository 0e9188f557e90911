/**
 * The package in Next.js: a client component with the element in a page that is rendered beforehand, built by each of its
 * bundlers without a word of configuration for us, exported and served as files.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile, rename } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before } from "node:test";
import { pack, use } from "./support/app.mjs";
import { GOOD, LAMP, PAGE, REAL } from "./support/copies.mjs";
import { eachBrowser, quiet, until } from "./support/each.mjs";
import { POLICY, ROOT } from "./support/server.mjs";

const next = createRequire(join(ROOT, "www/package.json")).resolve(
  "next/dist/bin/next",
);

const APP = {
  "next.config.mjs": `export default { output: "export", basePath: "/next" };`,
  "app/layout.jsx": `
export const metadata = { title: "A shop" };
export default ({ children }) => <html lang="en"><body>{children}</body></html>;
`,
  "app/page.jsx": `
import { Lamp } from "./lamp";
export default () => <main><Lamp><p>${REAL}</p></Lamp></main>;
`,
  "app/lamp.jsx": `
"use client";
import { Copywright } from "copywright";
import "copywright/element";
import { useEffect, useState } from "react";

export function Lamp({ children }) {
  useEffect(() => {
    globalThis.write = async (brief, options) => {
      const writer = await Copywright.create();
      try { return await writer.write(brief, options); } finally { writer.destroy(); }
    };
  }, []);
  const [client, setClient] = useState(false);
  useEffect(() => setClient(true), []);
  return <>
    <copy-wright id="a" ${LAMP} loading="eager" reveal="any">{children}</copy-wright>
    {client && <copy-wright id="b" ${LAMP} loading="eager" ladder={[{ text: "${GOOD}" }]}
      oncopy-ready={({ detail }) => { globalThis.heard = detail.text; }}><p>${REAL}</p></copy-wright>}
  </>;
}
`,
};

const BUNDLERS = ["turbopack", "webpack"];
const built = (bundler) => join(packed.folder, bundler);

let packed;
before(async () => {
  // Below the folder of our packages: Next.js and React are found there.
  packed = await pack(join(ROOT, "www/dist/next"));
  const app = await packed.app(APP);
  const env = {
    ...process.env,
    NEXT_TELEMETRY_DISABLED: "1",
    // What it would mend in our list of packages is not missing.
    NEXT_IGNORE_INCORRECT_LOCKFILE: "1",
  };
  for (const bundler of BUNDLERS) {
    execFileSync(process.execPath, [next, "build", `--${bundler}`], {
      cwd: app,
      env,
      stdio: ["ignore", "ignore", "inherit"],
    });
    await rename(join(app, "out"), built(bundler));
  }
});
after(() => packed.remove());

eachBrowser(
  (t, test) => {
    for (const bundler of BUNDLERS)
      test(`${bundler} builds it; the page has its copy before any script, and the element writes`, async () => {
        const out = built(bundler);
        const html = await readFile(join(out, "index.html"), "utf8");
        assert.match(html, /<copy-wright [^>]*name="Lumen Arc"[^>]*><p>/);
        assert.ok(html.includes(REAL), "it is rendered beforehand");
        t.site.mount("/next/", out);
        // What Next.js starts a page with stands in the page itself.
        const policy = POLICY.replace("'self'", "'self' 'unsafe-inline'");
        t.site.fault("/next/", { policy });
        const from = t.site.log.length;
        const own = await t.browser.open(t.site.url("/next/"));
        const { before, swapped, text } = await own.run(use, [GOOD]);
        // React puts no listeners of elements onto what was rendered beforehand.
        assert.equal(
          await until("a listener in JSX", () =>
            own.run(() => globalThis.heard),
          ),
          GOOD,
        );
        await quiet({ page: own, site: t.site });
        await own.close();
        console.log(`${t.name}, ${bundler}: ${text}`);
        assert.deepEqual([before, swapped], [REAL, GOOD]);
        assert.ok(text.length > 0);
        const served = t.site.log.slice(from);
        assert.deepEqual(
          served.filter(({ status }) => status >= 400),
          [],
        );
        assert.ok(served.every(({ path }) => path.startsWith("/next/")));
      });
  },
  { path: PAGE },
);
