"""The exported trace as a format of its own: what stands in it, its JSON Schema, and how it is read back."""

from flows.traces.model import FORMAT, VERSION, Trace
from flows.traces.reading import TraceError, read_trace
from flows.traces.schema import SCHEMA

__all__ = ["FORMAT", "SCHEMA", "VERSION", "Trace", "TraceError", "read_trace"]
