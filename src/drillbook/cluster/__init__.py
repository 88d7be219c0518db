"""The kind cluster that drills run in: its container engine, its images, its life, and who owns it."""
