/**
 * What the Writer of the web's Writing Assistance APIs does, asked of ours: one row a behaviour, by the sections of
 * https://webmachinelearning.github.io/writing-assistance-apis/, all on one page and, but where a download is given up, on
 * one engine.
 *
 * What is other here on purpose, and therefore asked of nobody:
 * - The input is a brief as well as a text; `tone` and `format` have values of their own, `maxChars` stands in for `length`,
 *   and `sharedContext` is a part of a brief. A call takes no `context`: that is a field of the brief.
 * - One `language` instead of `expectedInputLanguages`, `expectedContextLanguages` and `outputLanguage`.
 * - Calls of a writer that was destroyed are an InvalidStateError: nobody gave them up, the page made a mistake. (Calls that
 *   wait when it is destroyed fail with its AbortError, as they do there.)
 * - A text that breaks its rules is a ConstraintError, where a browser says NotReadableError.
 * - Nothing asks for a user's activation or a permission: a page that fetches a model asks its visitor itself. So there is
 *   no NotAllowedError, and none for documents that are not active.
 * - `sharedContext` is measured with each input and not at creation.
 */
import assert from "node:assert/strict";
import { eachBrowser } from "./support/each.mjs";
import create from "./writer-api/create.mjs";
import face from "./writer-api/interface.mjs";
import stream from "./writer-api/stream.mjs";
import write from "./writer-api/write.mjs";

/** The page's writer, and all that its creation told. */
const ready = async () => {
  globalThis.MODEL = "/m/conformance/";
  globalThis.OPTIONS = { seed: 3, maxTokens: 6 };
  globalThis.LONG = { seed: 3, maxTokens: 60, logitBias: { 0: -100 } };
  globalThis.REASON = new RangeError("my reason");
  const events = [];
  const first = { calls: [], events, handled: [], settled: false };
  globalThis.first = first;
  const creation = Copywright.create({
    model: MODEL,
    monitor(...args) {
      first.calls.push(args);
      const [monitor] = args;
      first.unset = monitor.ondownloadprogress;
      monitor.addEventListener("downloadprogress", (event) => {
        events.push({ event, late: first.settled, at: performance.now() });
      });
      monitor.ondownloadprogress = () => first.handled.push("replaced");
      monitor.ondownloadprogress = function (event) {
        first.handled.push(this === monitor && event.currentTarget === monitor);
      };
    },
  });
  first.isPromise = creation instanceof Promise;
  first.callsAtOnce = first.calls.length;
  globalThis.writer = await creation;
  first.settled = true;
  globalThis.usual = await writer.write(brief, OPTIONS);
  /** Whether a call fails with the very object that was given as a reason. */
  globalThis.sameReason = async (work) => {
    try {
      await work();
      return "nothing was thrown";
    } catch (error) {
      return error === REASON ? true : String(error);
    }
  };
  /** A signal that is aborted already. */
  globalThis.gone = () => AbortSignal.abort(REASON);
};

/**
 * `[section, what holds, what is asked in the page, what it must give]`. The last row ends the page's writer.
 */
const CHECKS = [...face, ...create, ...write, ...stream];

eachBrowser(
  (t, test) => {
    CHECKS.forEach(([section, what, asked, expected], i) => {
      test(`${i + 1}. ${section}: ${what}`, async () => {
        const given = await t.page.run(asked);
        console.log(`${t.name}: ${i + 1}: ${JSON.stringify(given)}`);
        assert.deepEqual(given, expected);
      });
    });
  },
  { ready },
);
