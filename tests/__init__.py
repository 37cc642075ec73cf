"""Tests mirror the packages; `journeys` drives a browser, `attacks` is what strangers try."""

from pathlib import Path

from tests import ROOT
