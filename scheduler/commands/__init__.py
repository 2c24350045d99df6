"""The commands of presswatch, one module each."""
