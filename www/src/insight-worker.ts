/** The worker of `copywright/insight`: it has the module, and answers one question after the other. */

import init, { anonymise, recommend, restore } from "../generated/insight";
import { failure } from "./errors";
import type { Answer, Question, Task } from "./insight/desk";
import { instantiate } from "./instantiate";

const scope = self as unknown as {
  onmessage: ((event: MessageEvent<Question>) => void) | null;
  postMessage(answer: Answer): void;
};

const loaded = instantiate(init, new URL("./insight_bg.wasm", import.meta.url));
// Every question hears of it.
loaded.catch(() => undefined);

const tasks: Record<Task, (...args: never[]) => unknown> = { load: () => undefined, anonymise, restore, recommend };

scope.onmessage = async ({ data: { id, task, args } }): Promise<void> => {
  let there = false;
  try {
    await loaded;
    there = true;
    scope.postMessage({ id, value: tasks[task](...(args as never[])) });
  } catch (error) {
    scope.postMessage({ id, failure: failure(error), broken: !there || error instanceof WebAssembly.RuntimeError });
  }
};
