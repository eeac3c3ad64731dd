"""What is done with comments: personal data out, sentiment, themes, search."""
