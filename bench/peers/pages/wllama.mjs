/** wllama: llama.cpp, computing on the processor in a worker. */
export async function load({ model, threads, cache }) {
  const { Wllama, LoggerWithoutDebug } =
    await import("/npm/@wllama/wllama/esm/index.min.js");
  const wllama = new Wllama(
    { default: "/npm/@wllama/wllama/esm/wasm/wllama.wasm" },
    { suppressNativeLog: true, logger: LoggerWithoutDebug },
  );
  // From memory: what it would keep in the browser's storage is not measured.
  const file = await (await fetch(model)).blob();
  await wllama.loadModel([file], {
    n_ctx: 512,
    n_gpu_layers: 0,
    n_threads: threads,
    n_parallel: 1,
    ...(cache && { cache_type_k: cache, cache_type_v: cache }),
  });
  return {
    info: `llama.cpp ${Wllama.getLibllamaVersion()}, threads: ${wllama.getNumThreads()}`,
    async generate(prompt, count, onToken) {
      let text = "";
      let tokens = 0;
      await wllama.createCompletion({
        prompt,
        max_tokens: count,
        temperature: 0,
        stream: true,
        onData(chunk) {
          const more = chunk.choices[0]?.text ?? "";
          if (!more) return;
          text += more;
          onToken((tokens += 1));
        },
      });
      return text;
    },
    close: () => wllama.exit(),
  };
}
