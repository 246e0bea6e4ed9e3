"""The tests of the test server: see selftest.py beside this directory."""
