"""Contract tests: each stand-in for a remote, held against that remote's reference."""
