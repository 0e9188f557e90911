/** Markup in briefs and in what writers give is text or nothing, even on a page without any policy. */
import assert from "node:assert/strict";
import { visit } from "../support/each.mjs";
import { element, GOOD, LAMP, look, PAGE } from "../support/copies.mjs";

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
    for (const evil of CORPUS) {
      t.site.fault("/v1/chat/completions", {
        json: () => ({
          choices: [
            { message: { content: evil } },
            { message: { content: `${GOOD.slice(0, -1)} ${evil}.` } },
          ],
        }),
      });
      await page.run(
        ([html, evil]) => {
          lay(html);
          // In the output, in the brief, and in both.
          by("a").ladder = ["/v1/chat/completions"].map((endpoint) => ({
            endpoint,
          }));
          by("b").brief = {
            name: evil,
            brand: evil,
            features: [evil],
            facts: { price: evil },
            audience: evil,
          };
          by("b").ladder = [{ text: `${evil} dims with a tap.` }];
          by("c").ladder = [{ text: "Lumen Arc dims &copy folds flat." }];
        },
        [
          element("a", 'reveal="any"') +
            element("b", 'reveal="any"') +
            element("c"),
          evil,
        ],
      );
      for (const id of ["a", "b", "c"]) {
        const { type, detail } = await page.run((id) => ended(id), id);
        const end = detail.reason ?? type;
        endings[end] = (endings[end] ?? 0) + 1;
      }
      await page.run(() => painted());
      assert.deepEqual(await makes(), { runs: [], elements: 0 }, evil);
      const { text } = await look(page, "c");
      assert.ok(!text.includes("©"), "text stays text");
    }
    console.log(
      `${t.name}: ${CORPUS.length} texts, ${JSON.stringify(endings)}`,
    );
    t.site.heal("/v1/chat/completions");
    await page.run((all) => {
      document.querySelector("main").innerHTML = all.join("");
    }, CORPUS);
    await page.run(() => painted(20));
    const { runs } = await makes();
    assert.ok(runs.length > 4, `as markup they do run: ${runs}`);
    await page.close();
  });

  test("an attribute's markup is text too", async () => {
    const page = await visit(t.browser, t.site, PAGE);
    await page.run(async () => define());
    await page.run(
      ([html, text]) => {
        lay(html);
        by("a").setAttribute("brand", "<img src=x onerror=ran(1)>");
        by("a").ladder = [{ text }];
      },
      [
        `<copy-wright id="a" ${LAMP}><p>A lamp, for desks of all kinds, here.</p></copy-wright>`,
        GOOD,
      ],
    );
    assert.equal((await page.run(() => ended("a"))).type, "copy-ready");
    await page.close();
  });
}
