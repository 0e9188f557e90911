// Sums and maxima over the WG threads of a workgroup; every thread gets the result. A tree in workgroup
// memory, its order fixed, so that the same numbers give the same result. (A subgroup variant would link
// in this place.)
var<workgroup> reduce_scratch: array<f32, WG>;

fn workgroup_sum(i: u32, value: f32) -> f32 {
  reduce_scratch[i] = value;
  for (var span = WG / 2u; span > 0u; span /= 2u) {
    workgroupBarrier();
    if (i < span) {
      reduce_scratch[i] += reduce_scratch[i + span];
    }
  }
  workgroupBarrier();
  let total = reduce_scratch[0];
  workgroupBarrier();
  return total;
}

fn workgroup_max(i: u32, value: f32) -> f32 {
  reduce_scratch[i] = value;
  for (var span = WG / 2u; span > 0u; span /= 2u) {
    workgroupBarrier();
    if (i < span) {
      reduce_scratch[i] = max(reduce_scratch[i], reduce_scratch[i + span]);
    }
  }
  workgroupBarrier();
  let most = reduce_scratch[0];
  workgroupBarrier();
  return most;
}
