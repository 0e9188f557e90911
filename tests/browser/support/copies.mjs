/** Elements for the tests of `<copy-wright>`, and texts that keep the rules of their briefs. */

/** The page of these tests. */
export const PAGE = "/element/index.html";

/** A copy that a person wrote, and what is written instead. */
export const REAL = "A small lamp for small desks, in three colours.";
export const GOOD = "Lumen Arc dims with a tap and folds flat.";

/** Too long for the place of {@link REAL}. */
export const LONG = `${GOOD} ${GOOD.replace("dims", "glows")} ${GOOD.replace("folds flat", "stands up")}`;

/** Attributes of a brief about a lamp. */
export const LAMP =
  'format="product-blurb" name="Lumen Arc" category="desk lamp" features="dims with a tap | folds flat" tone="warm"';

/** An element with the copy in a paragraph. */
export const element = (id, attributes = "", inside = `<p>${REAL}</p>`) =>
  `<copy-wright id="${id}" ${LAMP} ${attributes}>${inside}</copy-wright>`;

/** What a visitor sees of an element. */
export const look = (page, id) =>
  page.run((id) => {
    const element = document.getElementById(id);
    return {
      text: element.textContent.trim(),
      generated: element.getAttribute("data-ai-generated"),
      busy: element.getAttribute("aria-busy"),
      html: element.innerHTML,
    };
  }, id);

/** An element whose texts are these: the ladder's own step, no engine. Resolves with its end. */
export const told = async (page, html, texts, id = "a") => {
  await page.run(
    ([html, texts]) => {
      lay(html);
      for (const each of document.querySelectorAll("copy-wright"))
        each.ladder = texts.map((text) => ({ text }));
    },
    [html, texts],
  );
  return page.run((id) => ended(id), id);
};

/** The types of an element's events, in order, but for those of progress. */
export const types = (page, id) =>
  page.run(
    (id) =>
      heard
        .filter(({ id: of, type }) => of === id && type !== "copy-progress")
        .map(({ type }) => type.slice(5)),
    id,
  );
