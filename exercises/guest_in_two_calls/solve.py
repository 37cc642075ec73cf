"""Two guests; the second one uses what it got, and meets an end."""

from training.exercises.hands import Learner


def solve(learner: Learner) -> None:
    learner.answer("guess", 3)
    learner.run()
    guest = learner.run()
    guest.use("s3", "GetObject", Bucket="identity-pools-lab-public", Key="product-catalog.pdf")
    guest.use("s3", "PutObject", Bucket="identity-pools-lab-public", Key="mine.txt", Body=b"mine")
