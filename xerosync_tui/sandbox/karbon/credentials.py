"""What the sandbox's API application lets in with: values that are worth nothing anywhere else."""

TOKEN = "5a4db0c5-0000-4000-8000-6b6172626f6e"
"""The bearer token: a GUID of 36 characters (karbon.md 2.1)."""

ACCESS_KEY = "eyJhbGciOiJub25lIn0.eyJ0ZW5hbnQiOiJzYW5kYm94In0.c2FuZGJveC1vbmx5"
"""The AccessKey: a JWT in form, three parts with dots between them (karbon.md 2.1)."""
