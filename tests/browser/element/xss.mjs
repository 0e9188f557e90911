/** Markup in briefs and in what writers give is text or nothing, even on a page without any policy. */
import assert from "node:assert/strict";
import { visit } from "../support/each.mjs";
import { element, GOOD, look, PAGE } from "../support/copies.mjs";

/** Ways in which markup runs, after the OWASP cheat sheet's kinds: elements, handlers, addresses, odd parsing. */
const CORPUS = [
  "<script>ran(1)</script>",
  "<img src=x onerror=ran(2)>",
  "<svg onload=ran(3)></svg>",
  "<svg><script>ran(4)</script></svg>",
  "<iframe srcdoc='<script>parent.ran(5)</script>'></iframe>",
  "<details open ontoggle=ran(6)>x</details>",
  "<input autofocus onfocus=ran(7)>",
  "<a href='javascript:ran(8)'>x</a>",
  "<body onload=ran(9)>",
  '"><img src=x onerror=ran(10)>',
  "'><svg onload=ran(11)>",
  "</p><img src=x onerror=ran(12)><p>",
  "<math><mtext><img src=x onerror=ran(13)>",
  "<noscript><p title='</noscript><img src=x onerror=ran(14)>'>",
  "<style>@import 'javascript:ran(15)';</style>",
  "<object data='javascript:ran(16)'></object>",
  "<video><source onerror=ran(17)></video>",
  "&lt;img src=x onerror=ran(18)&gt;",
  "<img src=x onerror=&#114;an(19)>",
  "<template><img src=x onerror=ran(20)></template>",
];
/** A policy that forbids nothing: the element alone must be enough. */
const OPEN = "default-src * 'unsafe-inline' 'unsafe-eval' data: blob:";

export default function (t, test) {
  test("nothing runs", async () => {
    t.site.fault(PAGE, { policy: OPEN });
    const page = await visit(t.browser, t.site, PAGE);
    await page.run(async () => {
      globalThis.runs = [];
      globalThis.ran = (n) => runs.push(n);
      await define();
    });
    const makes = () =>
      page.run(() => ({
        runs: [...runs],
        elements: document.querySelectorAll(
          "main :not(copy-wright, p), [role=status] *",
        ).length,
      }));
    const endings = {};
    CORPUS.forEach((evil, i) => {
      const contents = [evil, `${GOOD.slice(0, -1)} ${evil}.`];
      t.site.fault(`/evil/${i}`, {
        json: () => ({
          choices: contents.map((content) => ({ message: { content } })),
        }),
      });
    });
    await page.run(
      ([html, all]) => {
        lay(html);
        all.forEach((evil, i) => {
          // In the output, in the brief, and in both.
          by(`a${i}`).ladder = [{ endpoint: `/evil/${i}` }];
          by(`b${i}`).brief = {
            name: evil,
            brand: evil,
            features: [evil],
            facts: { price: evil },
            audience: evil,
          };
          by(`b${i}`).ladder = [{ text: `${evil} dims with a tap.` }];
        });
        by("c").ladder = [{ text: "Lumen Arc dims &copy folds flat." }];
      },
      [
        CORPUS.map(
          (_, i) =>
            element(`a${i}`, 'reveal="any" loading="eager"') +
            element(`b${i}`, 'reveal="any" loading="eager"'),
        ).join("") + element("c", 'loading="eager"'),
        CORPUS,
      ],
    );
    const ids = CORPUS.flatMap((_, i) => [`a${i}`, `b${i}`]);
    for (const id of [...ids, "c"]) {
      const { type, detail } = await page.run((id) => ended(id), id);
      const end = detail.reason ?? type;
      endings[end] = (endings[end] ?? 0) + 1;
    }
    await page.run(() => painted(10));
    assert.deepEqual(await makes(), { runs: [], elements: 0 });
    const { text } = await look(page, "c");
    assert.ok(text.includes("&copy"), "text stays text");
    console.log(
      `${t.name}: ${CORPUS.length} texts, ${JSON.stringify(endings)}`,
    );
    await page.run((all) => {
      document.querySelector("main").innerHTML = all.join("");
    }, CORPUS);
    await page.run(() => painted(20));
    const { runs } = await makes();
    assert.ok(runs.length > 4, `as markup they do run: ${runs}`);
    await page.close();
  });
}
