"""Sample calls with a run's credentials, as data: what is asked, what it teaches, and the same call as a program.

The programs take the credentials from the environment variables that the SDKs read (AWS_ACCESS_KEY_ID,
AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN), which the results offer for copying.
"""

from lessons.sample_calls import own, public, team
from lessons.sample_calls.sample import Sample

SAMPLES: dict[str, Sample] = {sample.key: sample for sample in (*public.SAMPLES, *own.SAMPLES, *team.SAMPLES)}


def samples_for(access: str) -> dict[str, Sample]:
    """The samples for guests, or for people who signed in."""
    return {key: sample for key, sample in SAMPLES.items() if sample.access in ("any", access)}


__all__ = ["SAMPLES", "Sample", "samples_for"]
