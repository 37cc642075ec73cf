"""Black-box cases of identity pools against any endpoint: what AWS says, and where an endpoint says something else."""
