// Elements of the key and value cache, at half the memory and traffic.
alias cache_t = f16;
