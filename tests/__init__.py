"""Tests mirror the packages; `journeys` drives a browser, `attacks` is what strangers try, `faults` what breaks."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
