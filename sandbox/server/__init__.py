"""HTTP, host names, start and stop, and the pages that are not AWS's API."""
