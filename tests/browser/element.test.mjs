/** `<copy-wright>`, and all that belongs to it, in one visit of each browser. */
import cdn from "./element/cdn.mjs";
import consent from "./element/consent.mjs";
import engine from "./element/engine.mjs";
import fallback from "./element/fallback.mjs";
import ladder from "./element/ladder.mjs";
import paint from "./element/paint.mjs";
import place from "./element/place.mjs";
import spoken from "./element/spoken.mjs";
import xss from "./element/xss.mjs";
import { PAGE } from "./support/copies.mjs";
import { eachBrowser } from "./support/each.mjs";

eachBrowser(
  (t, test) => {
    for (const part of [
      place,
      spoken,
      paint,
      consent,
      ladder,
      xss,
      engine,
      fallback,
      cdn,
    ])
      part(t, test);
  },
  { path: PAGE, allow: [/<copy-wright>/] },
);
