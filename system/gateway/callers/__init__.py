"""Who uses the gateway from inside the cluster, as part of the system under drill."""
