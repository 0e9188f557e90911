// A plugin of TypeDoc: its one inline script becomes a file, so that the pages run under our policy.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";

const INLINE = /<script>(document\.documentElement\.dataset\.theme[^<]*)<\/script>/;

/** Called by TypeDoc. */
export function load(app) {
  let script;
  app.renderer.on("endPage", (page) => {
    const base = /data-base="([^"]*)"/.exec(page.contents)?.[1] ?? ".";
    const at = `${base.replace(/\/$/, "")}/assets/theme.js`;
    page.contents = page.contents.replace(INLINE, (_, text) => {
      script = text;
      return `<script src="${at}"></script>`;
    });
    if (/<script>/.test(page.contents)) app.logger.error(`${page.url} has an inline script`);
  });
  app.renderer.postRenderAsyncJobs.push(({ outputDirectory }) =>
    writeFile(join(outputDirectory, "assets/theme.js"), `${script}\n`),
  );
}
