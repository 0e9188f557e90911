/**
 * The package as others get it: packed by npm, installed into fresh projects, built by their bundlers without a word of
 * configuration, and run under the strictest policy.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, it } from "node:test";
import { pathToFileURL } from "node:url";
import { pack, use } from "./support/app.mjs";
import { eachBrowser, quiet } from "./support/each.mjs";
import { element, GOOD, PAGE } from "./support/copies.mjs";
import { ROOT } from "./support/server.mjs";

const require = createRequire(join(ROOT, "www/package.json"));

const MAIN = `
import { Copywright } from "copywright";
import "copywright/element";
globalThis.write = async (brief, options) => {
  const writer = await Copywright.create();
  try { return await writer.write(brief, options); } finally { writer.destroy(); }
};
`;
const page = (script) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>A shop</title><body><main></main><script type="module" src="${script}"></script></body></html>`;

/** Types as an application in React uses them; what must not pass is said so. */
const USE = `
import type {} from "copywright/react";
import { setConsent, type FallbackDetail, type Proposal } from "copywright/element";
import { climb, type Step } from "copywright/ladder";
import { check } from "copywright/check";
export const lamp = (
  <copy-wright format="tagline" name="Lumen Arc" max-chars={40} brief={{ features: ["folds flat"] }} id="a">
    <p>A lamp.</p>
  </copy-wright>
);
// @ts-expect-error
export const wrong = <copy-wright loading="sometimes" />;
const element = document.createElement("copy-wright");
element.addEventListener("copy-fallback", ({ detail }) => {
  const { reason }: FallbackDetail = detail;
  console.log(reason, element.proposal?.text);
});
const ladder: readonly Step[] = ["engine", { endpoint: "/v1" }];
// @ts-expect-error
element.ladder = ["nobody"];
setConsent({ storage: true });
const brief = { format: "tagline", name: "Lumen Arc" } as const;
export const all: Promise<[Proposal, readonly { pass: boolean }[]]> = Promise.all([climb(brief, { ladder }), check("a", brief)]);
`;
const TYPES = {
  compilerOptions: {
    ...{ target: "ES2022", module: "ESNext", moduleResolution: "Bundler" },
    ...{ lib: ["ESNext", "DOM", "DOM.Iterable", "DOM.AsyncIterable"] },
    ...{ jsx: "preserve", strict: true, noEmit: true, types: [] },
    paths: { react: [join(ROOT, "www/node_modules/@types/react")] },
  },
  files: ["src/use.tsx"],
};

let packed;
before(async () => {
  packed = await pack();
  for (const name of [
    ...["index.js", "element.js", "ladder.js", "check.js", "worker.js"],
    ...["copywright_bg.wasm", "check_bg.wasm", "custom-elements.json"],
    ...["types/index.d.ts", "types/element.d.ts", "types/jsx.d.ts"],
    ...["models/default/model.safetensors", "element.js.map", "LICENSE-MIT"],
  ])
    assert.ok(packed.names.includes(name), `${name} is packed`);
  await packed.app({ "src/main.js": MAIN, "index.html": page("/src/main.js") });
});
after(() => packed.remove());

/** Each bundler: from the app to a folder that can be served below `/NAME/`. */
const BUILDS = {
  async vite(app, out) {
    const entry = require.resolve("vite/package.json");
    const { exports } = JSON.parse(await readFile(entry, "utf8"));
    const file = exports["."].import ?? exports["."];
    const { build } = await import(
      pathToFileURL(join(entry, "..", file.default ?? file)).href
    );
    await build({
      root: app,
      base: "/vite/",
      logLevel: "warn",
      build: { outDir: out, emptyOutDir: true },
    });
  },
  async webpack(app, out) {
    const webpack = require("webpack");
    const config = {
      mode: "production",
      context: app,
      entry: "./src/main.js",
      output: { path: out },
    };
    const stats = await new Promise((done, failed) =>
      webpack(config, (error, stats) => (error ? failed(error) : done(stats))),
    );
    assert.deepEqual(stats.toJson().errors, []);
    await writeFile(join(out, "index.html"), page("main.js"));
  },
  // esbuild leaves addresses as they are: the package's other files lie beside the bundle.
  async esbuild(app, out) {
    const { build } = require("esbuild");
    await cp(join(app, "node_modules/copywright"), out, { recursive: true });
    await build({
      absWorkingDir: app,
      entryPoints: { main: "src/main.js" },
      bundle: true,
      format: "esm",
      splitting: true,
      outdir: out,
    });
    await writeFile(join(out, "index.html"), page("main.js"));
  },
};

it("its types are right, for React as well, and its modules load on a server that has no elements", async () => {
  const app = join(packed.folder, "app");
  await writeFile(join(app, "src/use.tsx"), USE);
  await writeFile(join(app, "tsconfig.json"), JSON.stringify(TYPES));
  const tsc = join(ROOT, "www/node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [tsc, "--project", app], { stdio: "inherit" });
  for (const name of ["index", "element", "ladder", "check"]) {
    const file = join(app, "node_modules/copywright", `${name}.js`);
    assert.ok(Object.keys(await import(pathToFileURL(file).href)).length > 0);
  }
});

eachBrowser(
  (t, test) => {
    const texts = new Set();
    for (const [name, build] of Object.entries(BUILDS)) {
      test(`${name} builds it, and what it builds writes`, async () => {
        const out = join(packed.folder, name);
        await mkdir(out, { recursive: true });
        await build(join(packed.folder, "app"), out);
        t.site.mount(`/${name}/`, out);
        const from = t.site.log.length;
        const own = await t.browser.open(t.site.url(`/${name}/`));
        const html = element("a", 'loading="eager" reveal="any"');
        const { swapped, text } = await own.run(use, [GOOD, html]);
        await quiet({ page: own, site: t.site });
        await own.close();
        console.log(`${name}: ${text}`);
        assert.equal(swapped, GOOD);
        texts.add(text);
        assert.equal(texts.size, 1, "the same text whoever has built it");
        const served = t.site.log.slice(from);
        assert.ok(
          served.every(({ path }) => path.startsWith(`/${name}/`)),
          "everything from its own folder",
        );
        assert.deepEqual(
          served.filter(({ status }) => status >= 400),
          [],
        );
      });
    }
  },
  { path: PAGE, browsers: ["chromium"] },
);
