"""What changed in an accounting system that we did not do: proposed to people, never posted by itself."""
