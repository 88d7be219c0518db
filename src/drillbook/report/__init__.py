"""Shows a run and its verdict to people: one HTML page, a terminal summary, a live view."""
