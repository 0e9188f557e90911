/** transformers.js, on the page's own thread as its documentation shows it. */
export async function load({ model, device, threads, subgroups = true }) {
  if (!subgroups) hideSubgroups();
  const { AutoModelForCausalLM, AutoTokenizer, env } =
    await import("/npm/@huggingface/transformers/dist/transformers.min.js");
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.localModelPath = "/model/";
  env.useBrowserCache = false;
  env.useWasmCache = false;
  // By default these two come from a CDN.
  const ort = `${location.origin}/npm/onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify`;
  env.backends.onnx.wasm.wasmPaths = {
    mjs: `${ort}.mjs`,
    wasm: `${ort}.wasm`,
  };
  if (threads) env.backends.onnx.wasm.numThreads = threads;
  const tokenizer = await AutoTokenizer.from_pretrained(model);
  const llm = await AutoModelForCausalLM.from_pretrained(model, {
    dtype: "q4",
    device,
  });
  return {
    info: `onnxruntime ${env.backends.onnx.versions?.web}, ${device}`,
    async generate(prompt, count, onToken) {
      const ids = [];
      let begun = false;
      const streamer = {
        put([row]) {
          // The prompt comes first.
          if (begun) ids.push(...row.map(Number));
          if (begun) onToken(ids.length);
          begun = true;
        },
        end() {},
      };
      await llm.generate({
        ...tokenizer(prompt),
        max_new_tokens: count,
        do_sample: false,
        streamer,
      });
      return tokenizer.decode(ids, { clean_up_tokenization_spaces: false });
    },
    close: () => llm.dispose(),
  };
}

/** onnxruntime's kernels with subgroups write wrong tokens on software adapters. */
function hideSubgroups() {
  const { get } = Object.getOwnPropertyDescriptor(
    GPUAdapter.prototype,
    "features",
  );
  Object.defineProperty(GPUAdapter.prototype, "features", {
    get() {
      return new Set(
        [...get.call(this)].filter((each) => !each.includes("subgroup")),
      );
    },
  });
}
