"""What the samples are called: the names by which seeded roles allow them."""

PUBLIC_BUCKET = "identity-pools-lab-public"
PRIVATE_BUCKET = "identity-pools-lab-private"
PRODUCTS_TABLE = "SampleProducts"
NOTES_TABLE = "LabNotes"
ADMINS = "admins"  # the group whose role reads the files of every team


def team_key(team: str) -> str:
    """The object that a team's role reads, in the private bucket."""
    return f"teams/{team}/roadmap.txt"
