/** Streamed answers: OpenAI's chunks, made of new text and of the whole answer at the end. */

import type { ChatCompletion, ChatCompletionChunk } from "./chat-types";
import type { ModelInfo } from "./protocol";
import type { Completion, CompletionChunk, CompletionRequest, Delta } from "./types";

/** What of a chunk depends on whether a text or a conversation goes on. */
interface Shape {
  readonly object: string;
  readonly id: string;
  /** How a choice begins, if with anything. */
  begin(): object | undefined;
  text(text: string): object;
  /** What the last chunk of a choice has in the place of text. */
  end(): object;
}

function textShape({ echo, prompt }: CompletionRequest): Shape {
  const text = (text: string): object => ({ text });
  const begin = (): object | undefined => (echo && typeof prompt === "string" ? { text: prompt } : undefined);
  return { object: "text_completion", id: "cmpl", begin, text, end: () => text("") };
}

const CHAT: Shape = {
  object: "chat.completion.chunk",
  id: "chatcmpl",
  begin: () => ({ delta: { role: "assistant", content: "" } }),
  text: (content) => ({ delta: { content } }),
  end: () => ({ delta: {} }),
};

/** Runs a completion, or a turn of a conversation (then `request` is `undefined`), and enqueues its chunks. */
export async function answerStream<A extends Completion | ChatCompletion>(
  model: ModelInfo,
  request: CompletionRequest | undefined,
  includeUsage: boolean,
  controller: ReadableStreamDefaultController<CompletionChunk | ChatCompletionChunk>,
  run: (onDelta: (delta: Delta) => void) => Promise<A>,
): Promise<void> {
  const shape = request ? textShape(request) : CHAT;
  const head = {
    id: `${shape.id}-${crypto.randomUUID()}`,
    object: shape.object,
    created: Math.floor(Date.now() / 1000),
    model: `${model.name}@${model.version}`,
  };
  const chunk = (choices: object[], more?: object): void =>
    controller.enqueue({ ...head, choices, ...more } as unknown as CompletionChunk | ChatCompletionChunk);
  const open = { finish_reason: null, logprobs: null };
  const begun = new Set<number>();
  const begin = (index: number): void => {
    const first = begun.has(index) ? undefined : shape.begin();
    if (first) chunk([{ index, ...first, ...open }]);
    begun.add(index);
  };
  const { choices, usage } = await run(({ index, text }) => {
    begin(index);
    chunk([{ index, ...shape.text(text), ...open }]);
  });
  for (const { index, finish_reason, logprobs } of choices) {
    begin(index);
    chunk([{ index, ...shape.end(), finish_reason, logprobs }]);
  }
  if (includeUsage) chunk([], { usage });
}
