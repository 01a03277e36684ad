"""The pages of the site, one module a topic. Each reads marts, says what is seen, and computes nothing anew."""
