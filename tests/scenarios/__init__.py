"""Whole stories, by name, against a sandbox on loopback."""
