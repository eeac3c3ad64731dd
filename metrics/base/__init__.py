"""What every room may use: errors, settings, what a select reads. It imports nothing of ours."""
