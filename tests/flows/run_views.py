"""Every way in which a run is read, by what its address ends with: a new view of the page comes along by itself."""

from flows.pages.run.run_view import VIEWS

READ = ("", "export.json", "export.har", "?present=1", *(f"{view}/" for view in VIEWS))
# What else shows something of it.
SHOWN = (*READ, "calls/?raw=1", "delete/")
