/** Models of any size with random weights, made while they are sent: none of it is stored. */

/** Most bytes of a chunk. */
const CHUNK = 1 << 20;

/** Numbers that look random and are the same every time. */
function generator(seed) {
  let x = seed;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x >>> 0;
  };
}

/** Half floats of either sign between 2^-9 and 2^-5. */
function halves(count) {
  const next = generator(1);
  return Uint16Array.from({ length: count }, () => {
    const bits = next();
    return (bits & 0x83ff) | ((6 + ((bits >> 10) & 3)) << 10);
  });
}

/** The tensors of a Llama with a tied head: key and shape. */
function tensors({
  hidden_size: d,
  intermediate_size: i,
  num_hidden_layers: layers,
  num_attention_heads: heads,
  num_key_value_heads: groups,
  vocab_size: v,
}) {
  const kv = (d / heads) * groups;
  const layer = (at) => [
    [`${at}.input_layernorm`, [d]],
    [`${at}.self_attn.q_proj`, [d, d]],
    [`${at}.self_attn.k_proj`, [kv, d]],
    [`${at}.self_attn.v_proj`, [kv, d]],
    [`${at}.self_attn.o_proj`, [d, d]],
    [`${at}.post_attention_layernorm`, [d]],
    [`${at}.mlp.gate_proj`, [i, d]],
    [`${at}.mlp.up_proj`, [i, d]],
    [`${at}.mlp.down_proj`, [d, i]],
  ];
  const all = [
    ["model.embed_tokens", [v, d]],
    ["model.norm", [d]],
  ];
  for (let n = 0; n < layers; n++) all.push(...layer(`model.layers.${n}`));
  return all.map(([name, shape]) => [`${name}.weight`, shape]);
}

/** The file's head, and its whole size. */
function head(config) {
  const header = {};
  let at = 0;
  for (const [key, shape] of tensors(config)) {
    const end = at + 2 * shape.reduce((product, n) => product * n, 1);
    header[key] = { dtype: "F16", shape, data_offsets: [at, end] };
    at = end;
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const bytes = Buffer.concat([length, json]);
  return { bytes, size: bytes.length + at };
}

/** GPT-2's alphabet: a printable character for each byte. */
function alphabet() {
  const plain = (b) =>
    (b > 0x20 && b < 0x7f) || (b > 0xa0 && b < 0xad) || (b > 0xad && b < 0x100);
  let next = 0x100;
  return Array.from({ length: 256 }, (_, b) =>
    String.fromCharCode(plain(b) ? b : next++),
  );
}

/** A byte-level BPE with so many tokens, each merged from two others, as in a real one. */
function tokenizer(vocabulary) {
  const tokens = alphabet();
  const seen = new Set(tokens);
  const merges = [];
  for (const next = generator(2); tokens.length < vocabulary;) {
    const [a, b] = [next(), next()].map((n) => tokens[n % tokens.length]);
    if (a.length + b.length > 12 || seen.has(a + b)) continue;
    seen.add(a + b);
    tokens.push(a + b);
    merges.push([a, b]);
  }
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
  const level = {
    type: "ByteLevel",
    add_prefix_space: false,
    trim_offsets: true,
    use_regex: true,
  };
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: level,
    post_processor: null,
    decoder: level,
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      vocab,
      merges,
    },
  };
}

/**
 * Lets the site answer with a Llama of this shape in half precision under `folder`. Returns the bytes of its files.
 */
export function randomModel(site, folder, shape) {
  const config = {
    architectures: ["LlamaForCausalLM"],
    max_position_embeddings: 2048,
    tie_word_embeddings: true,
    ...shape,
  };
  const { bytes, size } = head(config);
  const texts = {
    "config.json": JSON.stringify(config),
    "tokenizer.json": JSON.stringify(tokenizer(config.vocab_size), null, 2),
  };
  const files = Object.entries(texts).map(([path, text]) => ({
    path,
    size: Buffer.byteLength(text),
  }));
  files.push({ path: "model.safetensors", size });
  const manifest = {
    name: "random",
    version: "1",
    license: "MIT",
    languages: ["en"],
    prompt: "none",
    files,
  };
  for (const [path, text] of Object.entries(texts))
    site.fault(folder + path, { body: text });
  site.fault(`${folder}manifest.json`, { body: JSON.stringify(manifest) });
  const random = Buffer.from(halves(CHUNK).buffer);
  site.fault(`${folder}model.safetensors`, {
    size,
    *chunks() {
      yield bytes;
      // Another part of the numbers each time, at an even offset.
      for (let at = bytes.length, turn = 0; at < size; turn++) {
        const start = (turn * 7919 * 2) % CHUNK;
        const length = Math.min(CHUNK, size - at);
        yield random.subarray(start, start + length);
        at += length;
      }
    },
  });
  return Object.fromEntries(files.map((file) => [file.path, file.size]));
}
