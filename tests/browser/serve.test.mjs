/** `cargo xtask serve`, as the README has it: demo, studio, examples and API reference, under its own policy. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { BROWSERS, launch } from "./support/browsers.mjs";
import { EXAMPLES } from "./support/examples.mjs";
import { ROOT } from "./support/server.mjs";

/** What can be opened, with words of each. */
const PAGES = [
  ["", /Nothing you type leaves this page/],
  ["studio/", /A brief, its variants where they will be read/],
  ["examples/", /What customers say/],
  ...EXAMPLES.map((name) => [`examples/${name}.html`, /./]),
  ["api/", /copywright\/element/],
  ["api/classes/copywright.Copywright.html", /writeStreaming/],
];

describe("cargo xtask serve", () => {
  let server;
  let told = "";
  let address;

  before(async () => {
    // As `serve` does it itself, but for the wasm, which takes minutes.
    const npm = process.platform === "win32" ? "npm.cmd" : "npm";
    const shell = process.platform === "win32";
    execFileSync(npm, ["run", "--silent", "docs"], {
      cwd: join(ROOT, "www"),
      shell,
      stdio: ["ignore", "ignore", "inherit"],
    });
    const args = ["xtask", "serve", "--no-build", "--no-open"];
    server = spawn(process.env.CARGO ?? "cargo", args, {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "inherit"],
      detached: !shell,
    });
    await new Promise((done, failed) => {
      server.once("exit", (code) =>
        failed(new Error(`it ended with ${code}: ${told}`)),
      );
      server.stdout.on("data", (data) => {
        told += data;
        address = /demo: (\S+)/.exec(told)?.[1];
        if (/API reference: .*\n/.test(told)) done();
      });
    });
  });
  after(() => {
    // Cargo, and what it runs.
    if (process.platform === "win32") server?.kill();
    else if (server?.exitCode === null) process.kill(-server.pid);
  });

  it("says where everything is", () => {
    for (const at of ["studio/", "examples/", "api/"])
      assert.ok(told.includes(`: ${address}${at}\n`), told);
  });

  for (const name of BROWSERS)
    it(`each page runs under its policy, and leads to others that are there: ${name}`, async () => {
      const browser = await launch(name, { webgpu: "none" });
      const links = new Set();
      try {
        const page = await browser.open(address);
        for (const [path, words] of PAGES) {
          await page.page.goto(address + path);
          const { text, hrefs } = await page.run(async () => {
            await new Promise((later) => setTimeout(later, 300));
            return {
              text: document.body.innerText,
              hrefs: [...document.querySelectorAll("a[href]")].map(
                ({ href }) => href,
              ),
            };
          });
          assert.match(text, words, path);
          for (const href of hrefs)
            if (href.startsWith(address)) links.add(href.split("#")[0]);
        }
        const allowed = /No available adapters/;
        assert.deepEqual(
          page.problems.filter((problem) => !allowed.test(problem)),
          [],
        );
        for (const link of links)
          assert.equal((await fetch(link)).status, 200, link);
        console.log(`${name}: ${PAGES.length} pages, ${links.size} links`);
        assert.ok(links.has(`${address}studio/`), "from the demo");
        assert.ok(links.has(`${address}examples/`), "from the demo");
        assert.ok(links.size > 30);
      } finally {
        await browser.close();
      }
    });
});
