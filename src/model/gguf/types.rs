//! The element types of GGUF, by their numbers in the file. (Source: `ggml_type` and the block structs of ggml.)

use crate::model::dtype::Dtype as T;

/// Every type by its number: name, elements of a block, bytes of a block, and which of ours it is.
const TYPES: [(u32, &str, u64, u64, Option<T>); 34] = [
    (0, "F32", 1, 4, Some(T::F32)),
    (1, "F16", 1, 2, Some(T::F16)),
    (2, "Q4_0", 32, 18, Some(T::Q4_0)),
    (3, "Q4_1", 32, 20, Some(T::Q4_1)),
    (6, "Q5_0", 32, 22, Some(T::Q5_0)),
    (7, "Q5_1", 32, 24, Some(T::Q5_1)),
    (8, "Q8_0", 32, 34, Some(T::Q8_0)),
    (9, "Q8_1", 32, 36, None),
    (10, "Q2_K", 256, 84, None),
    (11, "Q3_K", 256, 110, None),
    (12, "Q4_K", 256, 144, Some(T::Q4K)),
    (13, "Q5_K", 256, 176, Some(T::Q5K)),
    (14, "Q6_K", 256, 210, Some(T::Q6K)),
    (15, "Q8_K", 256, 292, None),
    (16, "IQ2_XXS", 256, 66, None),
    (17, "IQ2_XS", 256, 74, None),
    (18, "IQ3_XXS", 256, 98, None),
    (19, "IQ1_S", 256, 50, None),
    (20, "IQ4_NL", 32, 18, None),
    (21, "IQ3_S", 256, 110, None),
    (22, "IQ2_S", 256, 82, None),
    (23, "IQ4_XS", 256, 136, None),
    (24, "I8", 1, 1, None),
    (25, "I16", 1, 2, None),
    (26, "I32", 1, 4, None),
    (27, "I64", 1, 8, None),
    (28, "F64", 1, 8, None),
    (29, "IQ1_M", 256, 56, None),
    (30, "BF16", 1, 2, Some(T::BF16)),
    (34, "TQ1_0", 256, 54, None),
    (35, "TQ2_0", 256, 66, None),
    (39, "MXFP4", 32, 17, None),
    (40, "NVFP4", 64, 36, None),
    (41, "Q1_0", 128, 18, None),
];

/// What is known of a type: name, elements and bytes of a block, and which of ours it is.
pub(super) fn by_number(number: u32) -> Option<(&'static str, u64, u64, Option<T>)> {
    TYPES.iter().find(|t| t.0 == number).map(|&(_, name, elements, bytes, ours)| (name, elements, bytes, ours))
}
