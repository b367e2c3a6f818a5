"""The two remote systems behind their ports, and who implements them.

Each answer is translated into ``domain`` words here, element by element. Never here: a decision about what
to write, a link, a word to an admin beyond what the remote said.
"""
