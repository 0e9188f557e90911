/** The worker of `copywright/insight`: it has the module, and answers one question after the other. */

import init, { anonymise, Ranking, restore } from "../generated/insight";
import initTexts, {
  Analyser,
  heads,
  type Index,
  Indexer,
  intent,
  measure,
  readable,
  standalone,
  texts,
} from "../generated/insight-texts";
import { failure } from "./errors";
import type { Answer, Judges, Part, Progress, Question, Task } from "./insight/desk";
import { instantiate } from "./instantiate";

const scope = self as unknown as {
  onmessage: ((event: MessageEvent<Question>) => void) | null;
  postMessage(answer: Answer): void;
};

/** Milliseconds of a task after which the worker listens. */
const SLICE = 12;
/** Posts that are read at a time. */
const POSTS = 4;
/** Items of a catalogue that are taken in, and that are looked at, at a time. */
const ITEMS = 64;
/** Entries of support, the same. */
const ENTRIES = 8;

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
  index,
  standalone,
  readable,
  intent,
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

/** What is done in steps. */
interface Stepwise {
  step(count: number): unknown;
  free(): void;
}

/** Reads posts. */
async function analyse(this: number, posts: never, options: never, judges?: Judges): Promise<unknown> {
  const analyser = judges
    ? Analyser.judged(posts, options, judges.heads, [...judges.texts], judges.vectors)
    : new Analyser(posts, options);
  await freed(analyser, () => stepped(this, analyser, POSTS));
  return analyser.finish();
}

/** Ranks a catalogue. */
async function recommend(
  this: number,
  catalogue: readonly unknown[],
  history: never,
  options: never,
): Promise<unknown> {
  const ranking = new Ranking(options);
  await freed(ranking, async () => {
    await taken(this, ranking, catalogue, ITEMS);
    ranking.begin(history);
    await stepped(this, ranking, ITEMS);
  });
  return ranking.finish();
}

/** Makes entries ready to be asked. */
async function index(this: number, entries: readonly unknown[]): Promise<number> {
  const indexer = new Indexer();
  await freed(indexer, async () => {
    await taken(this, indexer, entries, ENTRIES);
    await stepped(this, indexer, ENTRIES);
  });
  indexes.set(++made, indexer.finish());
  return made;
}

/** Does something with a thing of the module's, which is given back when that fails. */
async function freed(thing: { free(): void }, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    thing.free();
    throw error;
  }
}

/** Hands things over, some at a time. */
async function taken(
  id: number,
  to: { add(some: unknown): void },
  all: readonly unknown[],
  count: number,
): Promise<void> {
  let from = performance.now();
  for (let at = 0; at < all.length; at += count) {
    to.add(all.slice(at, at + count));
    if (performance.now() - from < SLICE) continue;
    await listened(id);
    from = performance.now();
  }
}

/** Does all steps of a task in slices, and says how far it is behind each. */
async function stepped(id: number, task: Stepwise, count: number): Promise<void> {
  for (;;) {
    const from = performance.now();
    let progress: Progress;
    do progress = task.step(count) as Progress;
    while (progress.done < progress.total && performance.now() - from < SLICE);
    scope.postMessage({ id, progress });
    if (progress.done >= progress.total) return;
    await listened(id);
  }
}

/** Between two slices other messages are heard: others' questions, and that nobody waits for this one. */
async function listened(id: number): Promise<void> {
  await heard();
  if (!waiting.has(id)) throw new DOMException("nobody waits for it", "AbortError");
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
