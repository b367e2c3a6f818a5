"""Every change that this program makes, each as one object: what the journal says of it, what is asked of a remote,
and what its success, or its refusal, means in our own tables. ``write`` carries them out, and nothing else does.
"""
