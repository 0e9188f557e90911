// Each head of queries and keys is normalised (RMSNorm; Henry et al. 2020). gains: (2, d), of queries, then of keys.
@group(0) @binding(6) var<storage, read> gains: array<f32>;

fn head_scale(i: u32, at: u32) -> f32 {
  var squares = 0.0;
  for (var d = i; d < params.size; d += WG) {
    squares = mad(qkv[at + d], qkv[at + d], squares);
  }
  let sum = workgroup_sum(i, squares);
  storageBarrier(); // what others read here is written below
  return inverseSqrt(sum / f32(params.size) + params.eps);
}

fn head_gain(key: bool, d: u32) -> f32 {
  return gains[select(0u, params.size, key) + d];
}
