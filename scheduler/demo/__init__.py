"""A local newsroom that lives on loopback: for `presswatch demo`, end-to-end tests and benchmarks."""
