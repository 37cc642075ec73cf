"""Addresses of classes and exercises."""

from django.urls import URLPattern, URLResolver, path

from training.pages.room import actions, board, learner, progress, seat

app_name = "training"

_ROOM = "class/<slug:public_id>/"
room: list[URLPattern | URLResolver] = [
    path(f"{_ROOM}board/", board.board, name="board"),
    path(f"{_ROOM}board/changes/", board.board_changes, name="board_changes"),
    path(f"{_ROOM}broadcast/", actions.broadcast, name="broadcast"),
    path(f"{_ROOM}unlock/", actions.unlock, name="unlock"),
    path(f"{_ROOM}help/", learner.help_ask, name="help_ask"),
    path(f"{_ROOM}help/<int:number>/take/", actions.help_take, name="help_take"),
    path(f"{_ROOM}help/<int:number>/hand-over/", actions.help_hand_over, name="help_hand_over"),
    path(f"{_ROOM}help/<int:number>/resolve/", actions.help_resolve, name="help_resolve"),
    path(f"{_ROOM}progress/", progress.progress, name="progress"),
    path(f"{_ROOM}news/", learner.news, name="news"),
    path(f"{_ROOM}said/<int:number>/", learner.said_run, name="said_run"),
    path(f"{_ROOM}seats/<int:number>/", seat.seat, name="seat"),
    path(f"{_ROOM}seats/<int:number>/hint/", actions.hint, name="hint"),
    path(f"{_ROOM}seats/<int:number>/begin-again/", actions.begin_again, name="begin_again"),
    path(f"{_ROOM}seats/<int:number>/return-code/", seat.return_code_again, name="return_code_again"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    *room,
    path("class/<slug:public_id>/", board.board, name="cohort"),
]
