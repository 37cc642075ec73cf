"""From a request to its answer: dispatch, permissions, faults on request, the log of decisions."""
