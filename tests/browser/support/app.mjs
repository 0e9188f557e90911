/** The package as others get it: packed by npm, and installed into a fresh folder without asking a registry. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./server.mjs";

const windows = process.platform === "win32";

/** Packs the package; `names` are those of its files. `beside` is where the folder is made. */
export async function pack(beside = tmpdir()) {
  await mkdir(beside, { recursive: true });
  const folder = await mkdtemp(join(beside, "copywright-package-"));
  const npm = (args, cwd = folder) =>
    execFileSync(windows ? "npm.cmd" : "npm", args, {
      cwd,
      shell: windows,
      stdio: ["ignore", "pipe", "inherit"],
    }).toString();
  const [{ filename, files }] = JSON.parse(
    npm(["pack", join(ROOT, "pkg"), "--json"]),
  );
  const names = files.map(({ path }) => path);
  assert.ok(names.includes("index.js"), "it is packed");
  /** A project with the package and with these files. */
  const app = async (sources) => {
    const app = join(folder, "app");
    const about = { name: "shop", version: "1.0.0", private: true };
    await mkdir(app, { recursive: true });
    await writeFile(join(app, "package.json"), JSON.stringify(about));
    // Nothing else is needed, so nothing is asked of a registry.
    npm(
      [
        ...["install", "--offline", "--no-audit", "--no-fund"],
        join(folder, filename),
      ],
      app,
    );
    for (const [name, text] of Object.entries(sources)) {
      await mkdir(join(app, name, ".."), { recursive: true });
      await writeFile(join(app, name), text);
    }
    return app;
  };
  const remove = () => rm(folder, { recursive: true, force: true });
  return { folder, names, app, remove };
}

/**
 * In the page of an app: its element gets a text of the site's own, and its writer writes a few tokens. `html` goes into
 * `main` where the app has no element itself.
 */
export async function use([good, html]) {
  for (let tries = 0; !globalThis.write && tries < 600; tries++)
    await new Promise((done) => setTimeout(done, 50));
  if (html) document.querySelector("main").innerHTML = html;
  const a = document.getElementById("a");
  const before = a.textContent;
  const ended = new Promise((done) => {
    for (const type of ["copy-ready", "copy-fallback"])
      a.addEventListener(type, () => done(a.textContent));
  });
  a.ladder = [{ text: good }];
  const swapped = await ended;
  const brief = { format: "tagline", name: "Lumen Arc" };
  const options = { seed: 3, maxTokens: 4, unconstrained: true };
  return { before, swapped, text: await globalThis.write(brief, options) };
}
