"""One HTTP request and its whole answer, within one deadline and one size.

A time-out is usually one of each read: whoever sends a byte now and then keeps within it, and keeps a thread of ours.
Here connecting, sending, the head of the answer and its body share one deadline, and each part has a largest size. No
redirect is followed, and no connection is kept.
"""

from httpget.answers import Answer, CertificateRefused, NoAnswer, TimedOut, TooLarge
from httpget.asking import ask, get
from httpget.deadlines import Deadline
from httpget.messages import exchange

__all__ = [
    "Answer",
    "CertificateRefused",
    "Deadline",
    "NoAnswer",
    "TimedOut",
    "TooLarge",
    "ask",
    "exchange",
    "get",
]
