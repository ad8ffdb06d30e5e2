"""The accounting systems, one folder each. Adding one is a folder and a line here."""
