"""The room: the board with what trainers do on it, help, and what everybody is told."""
