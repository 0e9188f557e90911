// In place of `reduce`, where a thread has a row for itself.
fn workgroup_sum(i: u32, value: f32) -> f32 {
  return value;
}
