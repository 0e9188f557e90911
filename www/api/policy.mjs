// A plugin of TypeDoc, so that its pages run under our policy: the one inline script becomes a file, icons are taken from
// the page, where a script of TypeDoc's puts them in any case, and there is no style for filters, as there are none.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const SCRIPT = /<script>(document\.documentElement\.dataset\.theme[^<]*)<\/script>/;
const STYLE = 'document.head.appendChild(document.createElement("style"))';

/** Called by TypeDoc. */
export function load({ logger, renderer }) {
  let script;
  renderer.on("endPage", (page) => {
    const base = /data-base="([^"]*)"/.exec(page.contents)?.[1] ?? ".";
    const at = `${base.replace(/\/$/, "")}/assets/theme.js`;
    page.contents = page.contents
      .replace(SCRIPT, (_, text) => {
        script = text;
        return `<script src="${at}"></script>`;
      })
      .replace(/href="[^"]*assets\/icons\.svg#/g, 'href="#');
    if (page.contents.includes("<script>")) logger.error(`${page.url} has an inline script`);
  });
  const end = ({ outputDirectory }) => {
    writeFileSync(join(outputDirectory, "assets/theme.js"), `${script}\n`);
    const main = join(outputDirectory, "assets/main.js");
    const text = readFileSync(main, "utf8");
    if (!text.includes(STYLE)) logger.error("main.js makes its style in another way");
    writeFileSync(main, text.replace(STYLE, 'document.createElement("style")'));
  };
  // After all files have been written.
  renderer.on("endRender", end, -1e6);
}
