/** Ajv on what `cargo test --test schema drawn` has drawn: `node tests/schema/ajv.mjs FILE`, lines of `[schema, text]`. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

// webpack brings it.
const require = createRequire(
  new URL("../../www/package.json", import.meta.url),
);
const Ajv = require("ajv/dist/2020").default;
const lines = (await readFile(process.argv[2], "utf8")).trim().split("\n");
const known = new Map();
let wrong = 0;
for (const line of lines) {
  const [schema, text] = JSON.parse(line);
  const key = JSON.stringify(schema);
  if (!known.has(key))
    known.set(
      key,
      new Ajv({ strict: false, unicodeRegExp: true }).compile(schema),
    );
  const validate = known.get(key);
  if (validate(JSON.parse(text))) continue;
  wrong += 1;
  console.error(key, text, validate.errors);
}
console.log(
  `${lines.length} texts by ${known.size} schemas, ${wrong} are wrong`,
);
process.exit(wrong || lines.length === 0 ? 1 : 0);
