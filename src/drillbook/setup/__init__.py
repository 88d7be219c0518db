"""From a bare machine to a running cluster with images in it: what is missing, and how it comes to be there."""
