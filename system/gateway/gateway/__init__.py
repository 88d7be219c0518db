"""The ultra-cpp gateway: a caching proxy in front of the data API, as the system under drill."""
