"""What AWS would say."""
