// Elements of the key and value cache.
alias cache_t = f32;
