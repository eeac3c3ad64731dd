"""What a reader opens: an edition, its manifest, its difference from another, its search."""
