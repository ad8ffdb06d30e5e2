"""Pages about the person who is signed in, and the doors they come through."""
