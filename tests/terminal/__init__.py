"""The command line from outside: real processes, real streams, a Xero on loopback."""
