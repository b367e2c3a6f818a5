"""XeroSync: keeps the contacts of Xero and Karbon the same, and says beforehand what it will do.

The rooms, and who may import whom: ``domain`` <- ``store`` <- ``remotes`` <- ``services`` <- ``cli``.
``sandbox`` stands apart and imports none of them, so that it cannot share our misunderstandings.
"""

__version__ = "0.1.0"
