/** Streamed completions: OpenAI's chunks, made of new text and of the whole answer at the end. */

import type { ModelInfo } from "./protocol";
import type { Completion, CompletionChunk, CompletionRequest, Delta } from "./types";

/** Runs a completion and enqueues its chunks. */
export async function completionStream(
  model: ModelInfo,
  request: CompletionRequest,
  includeUsage: boolean,
  controller: ReadableStreamDefaultController<CompletionChunk>,
  run: (onDelta: (delta: Delta) => void) => Promise<Completion>,
): Promise<void> {
  const head = {
    id: `cmpl-${crypto.randomUUID()}`,
    object: "text_completion",
    created: Math.floor(Date.now() / 1000),
    model: `${model.name}@${model.version}`,
  } as const;
  const chunk = (choices: CompletionChunk["choices"]): void => controller.enqueue({ ...head, choices });
  const text = (index: number, text: string): void => chunk([{ index, text, finish_reason: null, logprobs: null }]);
  const begun = new Set<number>();
  const begin = (index: number): void => {
    if (request.echo && !begun.has(index)) text(index, request.prompt);
    begun.add(index);
  };
  const completion = await run((delta) => {
    begin(delta.index);
    text(delta.index, delta.text);
  });
  for (const { index, finish_reason, logprobs } of completion.choices) {
    begin(index);
    chunk([{ index, text: "", finish_reason, logprobs }]);
  }
  if (includeUsage) controller.enqueue({ ...head, choices: [], usage: completion.usage });
}
