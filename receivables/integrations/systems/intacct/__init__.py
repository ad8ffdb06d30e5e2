"""Sage Intacct: what is posted is reversed and entered anew, through the XML gateway or REST."""
