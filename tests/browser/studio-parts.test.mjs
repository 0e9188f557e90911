/** The studio's parts that need no browser, with the checks that the page uses. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import { before, describe, it } from "node:test";
import { ROOT } from "./support/server.mjs";

const require = createRequire(`${ROOT}www/package.json`);
const studio = {};
let check;

before(async () => {
  const { build } = require("esbuild");
  const names = ["sources", "share", "embed", "warnings"];
  const lines = names.map((name) => `export * from "./studio/${name}";`);
  // The check comes as the page's module has it; here it is handed in.
  const none = {
    name: "none",
    setup: ({ onResolve }) =>
      onResolve({ filter: /\/src\/check$/ }, () => ({
        path: "none",
        external: true,
      })),
  };
  const { outputFiles } = await build({
    stdin: { contents: lines.join("\n"), resolveDir: `${ROOT}www` },
    bundle: true,
    format: "esm",
    write: false,
    plugins: [none],
  });
  const code = outputFiles[0].text.replace(/^import .* from "none";$/m, "");
  Object.assign(
    studio,
    await import(
      `data:text/javascript;base64,${Buffer.from(code).toString("base64")}`
    ),
  );
  const module = await import(`${ROOT}www/generated/check.js`);
  module.initSync({ module: await readFile(`${ROOT}pkg/check_bg.wasm`) });
  check = async (text, brief) => module.check(text, brief);
});

const brief = {
  format: "product-blurb",
  name: "Loft27",
  category: "co-working space",
  features: ["40 chairs", "2 phone booths", "room for 12 bikes"],
  facts: { "day pass": "€18", open: "7:00 to 22:00", seats: 40 },
  audience: "teams of 12",
};

describe("the numbers of a text and where they come from", () => {
  const of = async (text, about = brief) =>
    (await studio.sources(text, about, check)).map(
      ({ start, end, fields }) =>
        `${text.slice(start, end)}: ${fields.map(({ path }) => path).join(" ")}`,
    );

  it("each leads to the fields that say it, whatever they are written with", async () => {
    assert.deepEqual(
      await of(
        "Ünder ☕ Loft27’s roof: forty chairs for €18, open till 22:00.",
      ),
      [
        "forty: facts.seats features[0]",
        "€18: facts.day pass",
        "22:00: facts.open",
      ],
    );
  });

  it("two fields can say the same number; a number of the name needs none", async () => {
    assert.deepEqual(await of("Loft27 has room for 12."), [
      "12: features[2] audience",
    ]);
    assert.deepEqual(await of("Come to Loft27."), []);
  });

  it("units count, and what nobody says has no source", async () => {
    assert.deepEqual(await of("18 kg, 99 desks, $18."), [
      "18 kg: ",
      "99: ",
      "$18: ",
    ]);
  });

  it("evidence and the reader's question are sources too", async () => {
    const about = {
      ...brief,
      format: "support-reply",
      context: { question: "Is there room for 5?" },
      allow: [{ class: "superlative", evidence: "first of 31 in a test" }],
    };
    assert.deepEqual(await of("Yes, for 5; first of 31.", about), [
      "5: context.question",
      "31: allow[0]",
    ]);
  });
});

describe("a link", () => {
  const all = {
    brief: { ...brief, must: ["Ghent"], never: ["chéap"], maxChars: 99 },
    n: 5,
    seed: 4294967295,
    temperature: 0.7,
    topP: 0.95,
    topK: 0,
    repetitionPenalty: 1,
    maxTokens: 40,
  };

  it("carries the brief there and back", () => {
    const link = studio.linkTo("https://a.example/studio/?x#old", all);
    assert.match(link, /^https:\/\/a\.example\/studio\/\?x#brief=[\w-]+$/);
    const { brief: back, ...rest } = studio.shared(new URL(link).hash);
    const { brief: sent, ...order } = all;
    assert.deepEqual(rest, order);
    assert.deepEqual(back, { ...sent, facts: { ...sent.facts, seats: "40" } });
  });

  it("that somebody else has made takes nothing in that is no brief", () => {
    const made = (data) =>
      studio.shared(
        `#brief=${Buffer.from(JSON.stringify(data)).toString("base64url")}`,
      );
    for (const bad of [
      null,
      [],
      "x",
      {},
      { brief: null },
      { brief: { name: 7, format: "tagline" } },
      { brief: { name: "A", format: "novel" } },
    ])
      assert.equal(made(bad), undefined, JSON.stringify(bad));
    for (const hash of ["", "#brief=", "#brief=%", "#brief=____", "#other"])
      assert.equal(studio.shared(hash), undefined, hash);
    const odd = made({
      brief: {
        name: "A",
        format: "tagline",
        tone: "loud",
        features: [1, "f", {}],
        facts: { a: {}, b: "c" },
        allow: [{ class: "green" }, 3],
        extra: 1,
        maxChars: "9",
      },
      n: 1e9,
      seed: -5,
      topK: 3.5,
      topP: "x",
    });
    assert.deepEqual(odd, {
      brief: {
        name: "A",
        format: "tagline",
        features: ["f"],
        facts: { b: "c" },
      },
      n: 8,
      seed: 0,
      temperature: 0.7,
      topP: 0.95,
      topK: 3,
      repetitionPenalty: 1,
    });
    const whole = { brief: { name: "A", format: "tagline" }, n: 3.5 };
    assert.equal(made(whole).n, 3, "there is a button for each number");
  });
});

describe("the element to take away", () => {
  it("has the brief as attributes and nothing that ends them", () => {
    const text = studio.embed(
      { format: "tagline", name: 'A "b" <c> & d', features: ["x", "y"] },
      "</p><script>alert(1)</script>",
      { seed: 7, n: 4 },
    );
    assert.match(text, /name="A &quot;b&quot; &lt;c&gt; &amp; d"/);
    assert.match(text, /features="x \| y"/);
    assert.match(text, /seed="7"/);
    assert.equal(text.match(/<\/?script/g).length, 2, "the package's own");
  });

  it("gives what has no attribute by the property, within a script that nothing ends", () => {
    const text = studio.embed(
      { ...brief, facts: { "</script>": "€18" } },
      "Own.",
      { seed: 7, n: 4 },
    );
    assert.match(text, /#copy"\)\.brief = \{/);
    assert.equal(text.match(/<\/script>/g).length, 1);
    const data = /\.brief = (\{[\s\S]*\});\n<\/script>/.exec(text)[1];
    assert.deepEqual(new Function(`return ${data}`)(), {
      facts: { "</script>": "€18" },
    });
  });
});

describe("a contradiction", () => {
  const problem = (more) =>
    check("A text.", { ...brief, ...more }).then(
      () => "",
      (error) => error.message,
    );

  it("names both sides, and the fields are found", async () => {
    const clash = await problem({
      must: ["Ghent", "for students"],
      never: ["quiet", "student"],
    });
    assert.deepEqual(studio.paths(clash), ["must[1]", "never[1]"]);
    assert.equal(
      studio.plain(clash),
      'Must say 2 "for students" holds "student", which Never say 2 forbids',
    );
    assert.deepEqual(studio.paths(await problem({ never: ["loft27"] })), [
      "name",
      "never[0]",
    ]);
    assert.deepEqual(studio.paths(await problem({ must: ["7 cats"] })), [
      "must[0]",
    ]);
    assert.deepEqual(studio.paths(await problem({ maxChars: 3 })), [
      "name",
      "maxChars",
    ]);
    assert.deepEqual(studio.paths(await problem({ format: "support-reply" })), [
      "context.question",
    ]);
    assert.deepEqual(
      studio
        .paths(await problem({ must: ['"name[3]"', "name"], never: ["name"] }))
        .at(-1),
      "never[0]",
    );
    assert.equal(await problem({}), "");
  });
});
