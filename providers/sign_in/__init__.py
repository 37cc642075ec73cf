"""The life of a sign-in: its row, its transcript, what is compared, why it was refused."""
