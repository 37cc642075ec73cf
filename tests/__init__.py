"""Tests mirror the packages; `journeys` drives a browser, `attacks` is what strangers try."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
