"""The sandbox's Karbon against the references alone: every row of karbon.md 2.1-2.11 that a client relies on."""
