/**
 * The package as others get it: packed by npm, installed into fresh projects, built by their bundlers without a word of
 * configuration, and run under the strictest policy.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { SourceMap } from "node:module";
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
  <copy-wright format="tagline" name="Lumen Arc" max-chars={40} brief={{ features: ["folds flat"] }} id="a"
    ladder={["engine", { text: "A lamp." }]} oncopy-fallback={({ detail }) => console.log(detail.reason)}>
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

/** JSX of a library that takes its elements from the global namespace. */
const GLOBAL = `
import type {} from "copywright/jsx";
declare global { namespace JSX { interface Element {} } }
declare const h: (...all: unknown[]) => JSX.Element;
export const lamp = <copy-wright class="lead" name="Lumen Arc" tone="warm" context={{ interest: "tea" }} oncopy-ready={({ detail }) => console.log(detail.text)}>A lamp.</copy-wright>;
// @ts-expect-error
export const wrong = <copy-wright reveal="never" />;
`;

/** Vite has no entry for `require`. */
async function vite() {
  const entry = require.resolve("vite/package.json");
  const { exports } = JSON.parse(await readFile(entry, "utf8"));
  const file = exports["."].import ?? exports["."];
  return import(pathToFileURL(join(entry, "..", file.default ?? file)).href);
}

/** Each bundler: from the app to a folder that can be served below `/NAME/`. */
const BUILDS = {
  async vite(app, out) {
    const { build } = await vite();
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
  for (const name of ["index", "element", "ladder", "check", "insight"]) {
    const file = join(app, "node_modules/copywright", `${name}.js`);
    assert.ok(Object.keys(await import(pathToFileURL(file).href)).length > 0);
  }
  await writeFile(join(app, "src/global.tsx"), GLOBAL);
  const compilerOptions = {
    ...TYPES.compilerOptions,
    ...{ jsx: "react", jsxFactory: "h", paths: {} },
  };
  const other = { compilerOptions, files: ["src/global.tsx"] };
  await writeFile(join(app, "tsconfig.json"), JSON.stringify(other));
  execFileSync(process.execPath, [tsc, "--project", app], { stdio: "inherit" });
});

it("all that it exports is packed, with its types, and everything that is fetched can be addressed", async () => {
  const about = JSON.parse(
    await readFile(join(ROOT, "pkg/package.json"), "utf8"),
  );
  const exported = Object.values(about.exports)
    .flatMap((to) => (typeof to === "string" ? [to] : Object.values(to)))
    .map((path) => path.slice(2));
  for (const path of exported) {
    const [start, end] = path.split("*");
    const found = packed.names.some((name) =>
      end === undefined ? name === path : name.startsWith(start),
    );
    assert.ok(found, `${path} is packed`);
  }
  for (const name of packed.names.filter((name) => /\.(js|wasm)$/.test(name)))
    assert.ok(exported.includes(name), `${name} has an address`);
});

it("its scripts have maps that lead to their sources, with the text", async () => {
  const scripts = packed.names.filter((name) => name.endsWith(".js"));
  for (const name of scripts) {
    const code = await readFile(join(ROOT, "pkg", name), "utf8");
    assert.ok(code.includes(`//# sourceMappingURL=${name}.map`), name);
    const text = await readFile(join(ROOT, "pkg", `${name}.map`), "utf8");
    const { sources, sourcesContent } = JSON.parse(text);
    assert.equal(sourcesContent?.length, sources.length, name);
    assert.ok(sourcesContent.every((source) => source.length > 0));
  }
  // A place in the middle of what is minified, by its words.
  const words = "a file has no path or size";
  const lines = (await readFile(join(ROOT, "pkg/worker.js"), "utf8")).split(
    "\n",
  );
  const line = lines.findIndex((each) => each.includes(words));
  const map = JSON.parse(
    await readFile(join(ROOT, "pkg/worker.js.map"), "utf8"),
  );
  const { originalSource, originalLine } = new SourceMap(map).findEntry(
    line,
    lines[line].indexOf(words),
  );
  const source = map.sourcesContent[map.sources.indexOf(originalSource)];
  const found = source.split("\n").slice(originalLine, originalLine + 3);
  assert.ok(found.join("").includes(words), `${originalSource}: ${found}`);
});

it("what nobody uses is left out", async () => {
  const { build } = require("esbuild");
  const bundle = async (contents) => {
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: join(packed.folder, "app") },
      ...{ bundle: true, format: "esm", write: false, minify: true },
      logLevel: "error",
    });
    return outputFiles[0].text.trim();
  };
  const names = ["copywright", "copywright/check", "copywright/ladder"];
  const all = [...names, "copywright/insight"].map(
    (name) => `import "${name}";`,
  );
  assert.equal(await bundle(all.join("\n")), "", "no module does anything");
  const formats = await bundle(
    `import { FORMATS } from "copywright"; console.log(FORMATS);`,
  );
  assert.ok(formats.includes("ad-headline"));
  assert.ok(!/Worker|new URL/.test(formats), `a list alone: ${formats}`);
  const element = await bundle(`import "copywright/element";`);
  assert.ok(
    element.includes("copy-wright"),
    "an element is there to be defined",
  );
});

/** Built once, for all browsers. */
const built = new Map();

eachBrowser(
  (t, test) => {
    const texts = new Set();
    for (const [name, build] of Object.entries(BUILDS)) {
      test(`${name} builds it, and what it builds writes`, async () => {
        const out = join(packed.folder, name);
        if (!built.has(name)) {
          await mkdir(out, { recursive: true });
          built.set(name, build(join(packed.folder, "app"), out));
        }
        await built.get(name);
        t.site.mount(`/${name}/`, out);
        const from = t.site.log.length;
        const own = await t.browser.open(t.site.url(`/${name}/`));
        const html = element("a", 'loading="eager" reveal="any"');
        const { swapped, text } = await own.run(use, [GOOD, html]);
        await quiet({ page: own, site: t.site });
        await own.close();
        console.log(`${t.name}, ${name}: ${text}`);
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

    test("vite's server for development has it, too", async () => {
      const { createServer } = await vite();
      const server = await createServer({
        root: join(packed.folder, "app"),
        logLevel: "warn",
        server: { host: "127.0.0.1" },
      });
      await server.listen();
      try {
        const [address] = server.resolvedUrls.local;
        const own = await t.browser.open(address);
        const html = element("a", 'loading="eager" reveal="any"');
        const { swapped, text } = await own.run(use, [GOOD, html]);
        await own.close();
        assert.equal(swapped, GOOD);
        assert.deepEqual([...texts], [text]);
      } finally {
        await server.close();
      }
    });
  },
  { path: PAGE },
);
