// Bundles the TypeScript: the package into pkg/, the demo and the studio into www/dist/. `cargo xtask build` calls this with
// BINDGEN_DIR, where wasm-bindgen has put the module and its JavaScript.

import { appendFile, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { minify } from "terser";

const www = fileURLToPath(new URL(".", import.meta.url));
const pkg = join(www, "../pkg");
const dist = join(www, "dist");
const generated = join(www, "generated");
const dev = process.argv.includes("--dev");
const bindgen = process.env.BINDGEN_DIR;
if (!bindgen) throw new Error("BINDGEN_DIR is not set: run `cargo xtask build`");

await Promise.all([pkg, dist, generated].map((folder) => mkdir(folder, { recursive: true })));
for (const name of ["copywright", "gguf", "check", "insight", "insight-texts", "schema"]) {
  for (const end of [".js", ".d.ts"]) await cp(join(bindgen, name + end), join(generated, name + end));
  await cp(join(bindgen, `${name}_bg.wasm`), join(pkg, `${name}_bg.wasm`));
}
// The bindings keep their module for good; the one for GGUF is to give its memory back.
await appendFile(
  join(generated, "gguf.js"),
  `
export function forget() {
  const module = wasmModule;
  wasm = wasmModule = wasmInstance = __wbg_init_promise = undefined;
  cachedUint8ArrayMemory0 = null;
  return module;
}
`,
);
await appendFile(
  join(generated, "gguf.d.ts"),
  `
/** Gives up the instance and its memory; the module may be used again. */
export function forget(): WebAssembly.Module;
`,
);

// The files of the default model, each by an address that bundlers understand; they give it another name. Vite would put
// small files into the script, where a policy may not let it read them: what it is asked not to do means nothing elsewhere.
// A function, since whoever makes no writer leaves it out, and the files with it.
const manifest = JSON.parse(await readFile(join(www, "../models/default/manifest.json"), "utf8"));
const places = ["manifest.json", ...manifest.files.map(({ path }) => path)].map((path) => {
  const address = `./models/default/${path}${path.endsWith(".json") ? "?no-inline" : ""}`;
  return `  ${JSON.stringify(path)}: new URL(${JSON.stringify(address)}, import.meta.url).href,\n`;
});
await writeFile(join(generated, "model.js"), `export const modelFiles = () => ({\n${places.join("")}});\n`);
await writeFile(join(generated, "model.d.ts"), "export function modelFiles(): Readonly<Record<string, string>>;\n");

const shared = {
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: !dev,
  sourcemap: "linked",
  legalComments: "none",
  logLevel: "warning",
};

// Imported where it is needed, and only then: files by themselves, at fixed names. The worker imports chat.js for models
// that have a chat template, gguf.js for those in GGUF, schema.js for answers of a given form; the element imports the rest when it begins.
const entries = {
  index: "src/index.ts",
  worker: "src/worker.ts",
  chat: "src/chat.ts",
  gguf: "src/gguf-module.ts",
  element: "src/element.ts",
  ladder: "src/ladder.ts",
  check: "src/check.ts",
  insight: "src/insight.ts",
  "insight-worker": "src/insight-worker.ts",
  schema: "src/schema.ts",
};
const files = Object.fromEntries(Object.entries(entries).map(([name, path]) => [path.slice(4, -3), `./${name}.js`]));
const late = {
  name: "late",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.?\/[\w-]+$/ }, ({ kind, path }) => {
      const name = path.slice(path.lastIndexOf("/") + 1);
      const apart = kind === "dynamic-import" || (name === "check" && kind === "import-statement");
      return apart && name in files ? { path: files[name], external: true } : undefined;
    });
  },
};
// The tokenizers crate splits before every number of Unicode ("½", "²"), its JavaScript only before 0 to 9 and the like.
const numbers = {
  name: "numbers",
  setup({ onLoad }) {
    onLoad({ filter: /@huggingface[\\/]tokenizers[\\/]dist[\\/]tokenizers\.mjs$/ }, async ({ path }) => {
      const [source, digits] = [await readFile(path, "utf8"), "`[^\\\\d]+|\\\\d$"];
      if (!source.includes(digits)) throw new Error(`${path} splits numbers in another way than build.mjs knows`);
      return { contents: source.replace(digits, () => "`\\\\P{N}+|\\\\p{N}$"), loader: "js" };
    });
  },
};
await build({
  ...shared,
  entryPoints: Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, join(www, path)])),
  outdir: pkg,
  plugins: [late, numbers],
});

// What esbuild has made small, terser makes smaller by some 4 %, as gzip counts. Its map is that of the sources again.
async function smaller(name) {
  const [file, map] = [`${name}.js`, `${name}.js.map`];
  const text = await readFile(join(pkg, file), "utf8");
  const { code, map: sources } = await minify(text.replace(/\n\/\/# sourceMappingURL=.*\n$/, "\n"), {
    module: true,
    ecma: 2022,
    // Functions that know no `this` become arrows.
    compress: { passes: 2, unsafe_arrows: true },
    sourceMap: { content: await readFile(join(pkg, map), "utf8"), filename: file, url: map, includeSources: true },
  });
  await writeFile(join(pkg, file), `${code}\n`);
  await writeFile(join(pkg, map), sources);
}
if (!dev) await Promise.all(Object.keys(entries).map(smaller));

// The demo and the studio use the package as any page would.
const thePackage = {
  name: "the package",
  setup({ onResolve }) {
    onResolve({ filter: /\/src\/(index|check|worker|insight|insight-worker)$/ }, ({ path }) => {
      return { path: `../pkg/${path.slice(path.lastIndexOf("/") + 1)}.js`, external: true };
    });
  },
};
await build({
  ...shared,
  entryPoints: {
    "demo/main": join(www, "demo/main.ts"),
    "studio/main": join(www, "studio/main.ts"),
    "studio/watched-worker": join(www, "studio/watched-worker.ts"),
    "studio/watched-insight-worker": join(www, "studio/watched-insight-worker.ts"),
  },
  outdir: dist,
  plugins: [thePackage],
});
for (const name of ["base.css", "ticket.css", "board.css", "brings.css", "heatmap.css"])
  await cp(join(www, "demo", name), join(dist, "demo", name));
for (const name of ["studio.css", "preview.css", "messages.css", "panels.css", "blind.css"])
  await cp(join(www, "studio", name), join(dist, "studio", name));
// What the demo and the studio have in common stands in files of its own, named where it belongs.
for (const name of ["index.html", "studio/index.html"]) {
  let page = await readFile(join(www, name), "utf8");
  for (const [mark, indent, part] of page.matchAll(/^( *)<!-- (demo\/parts\/[a-z]+\.html) -->$/gm)) {
    const lines = (await readFile(join(www, part), "utf8")).trimEnd().split("\n");
    page = page.replace(mark, () => lines.map((line) => (line ? indent + line : "")).join("\n"));
  }
  await writeFile(join(dist, name), page);
}
await cp(join(www, "examples"), join(dist, "examples"), { recursive: true });

await rm(join(pkg, "types"), { recursive: true, force: true });
const tsc = join(www, "node_modules/typescript/bin/tsc");
execFileSync(process.execPath, [tsc, "--project", join(www, "tsconfig.types.json")], { stdio: "inherit" });
for (const name of ["jsx.d.ts", "react.d.ts"]) await cp(join(www, "types", name), join(pkg, "types", name));
await cp(join(www, "custom-elements.json"), join(pkg, "custom-elements.json"));
