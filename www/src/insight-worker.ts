/** The worker of `copywright/insight`: it has the module, and answers one question after the other. */

import init, { anonymise, recommend, restore } from "../generated/insight";
import initTexts, { Analyser, heads, Index, measure, standalone, texts } from "../generated/insight-texts";
import { failure } from "./errors";
import type { Answer, Judges, Part, Progress, Question, Task } from "./insight/desk";
import { instantiate } from "./instantiate";

const scope = self as unknown as {
  onmessage: ((event: MessageEvent<Question>) => void) | null;
  postMessage(answer: Answer): void;
};

/** Milliseconds of an analysis after which the worker listens. */
const SLICE = 12;
/** Posts that are read at a time. */
const POSTS = 4;

/** The modules, each from the first question that needs it. */
const modules = {
  insight: once(() => instantiate(init, new URL("./insight_bg.wasm", import.meta.url))),
  texts: once(() => instantiate(initTexts, new URL("./insight-texts_bg.wasm", import.meta.url))),
};
const OWN: readonly Task[] = ["anonymise", "restore", "recommend"];

function once(load: () => Promise<void>): () => Promise<void> {
  let loaded: Promise<void> | undefined;
  return () => (loaded ??= load());
}

/** Questions that somebody waits for. */
const waiting = new Set<number>();
/** What support may be asked. */
const indexes = new Map<number, Index>();
let made = 0;

const tasks: Record<Task, (this: number, ...args: never[]) => unknown> = {
  load: async (part?: Part) => {
    await Promise.all(part === undefined ? [modules.insight(), modules.texts()] : [modules[part]()]);
  },
  anonymise,
  restore,
  recommend,
  analyse,
  texts,
  heads,
  index: (entries: never) => {
    indexes.set(++made, new Index(entries));
    return made;
  },
  standalone,
  answer: (index: number, question: string, context: never) => indexed(index).answer(question, context),
  brief: (index: number, id: string, name: string, question: string) => indexed(index).brief(id, name, question),
  forget: (index: number) => {
    indexes.get(index)?.free();
    indexes.delete(index);
  },
  measure,
};

function indexed(index: number): Index {
  const found = indexes.get(index);
  if (!found) throw new DOMException("the index was closed", "InvalidStateError");
  return found;
}

/** Reads posts in slices, between which other messages are heard: others' questions, and that nobody waits for this one. */
async function analyse(this: number, posts: never, options: never, judges?: Judges): Promise<unknown> {
  const analyser = judges
    ? Analyser.judged(posts, options, judges.heads, [...judges.texts], judges.vectors)
    : new Analyser(posts, options);
  let progress = analyser.step(0) as Progress;
  while (progress.done < progress.total) {
    const from = performance.now();
    do progress = analyser.step(POSTS) as Progress;
    while (progress.done < progress.total && performance.now() - from < SLICE);
    scope.postMessage({ id: this, progress });
    await heard();
    if (waiting.has(this)) continue;
    analyser.free();
    throw new DOMException("nobody waits for it", "AbortError");
  }
  return analyser.finish();
}

/** Once the messages that have come are heard. */
function heard(): Promise<void> {
  return new Promise((done) => setTimeout(done));
}

scope.onmessage = async ({ data }): Promise<void> => {
  const { id } = data;
  if ("abort" in data) return void waiting.delete(id);
  waiting.add(id);
  let there = false;
  try {
    if (data.task !== "load") await modules[OWN.includes(data.task) ? "insight" : "texts"]();
    there = data.task !== "load";
    const value = await tasks[data.task].apply(id, data.args as never[]);
    scope.postMessage({ id, value });
  } catch (error) {
    scope.postMessage({ id, failure: failure(error), broken: !there || error instanceof WebAssembly.RuntimeError });
  } finally {
    waiting.delete(id);
  }
};
