"""Addresses of classes and exercises."""

from django.urls import URLPattern, URLResolver, path

from training.pages.exercises import views as exercises
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

_EXERCISE = "exercises/<slug:slug>/"
exercise: list[URLPattern | URLResolver] = [
    path("exercises/", exercises.exercise_list, name="exercise_list"),
    path(_EXERCISE, exercises.exercise_page, name="exercise"),
    path(f"{_EXERCISE}begin/", exercises.exercise_begin, name="exercise_begin"),
    path(f"{_EXERCISE}set-back/", exercises.exercise_set_back, name="exercise_set_back"),
    path(f"{_EXERCISE}begin-again/", exercises.exercise_restart, name="exercise_restart"),
    path(f"{_EXERCISE}check/", exercises.exercise_check, name="exercise_check"),
    path(f"{_EXERCISE}hint/", exercises.exercise_hint, name="exercise_hint"),
    path(f"{_EXERCISE}solution/", exercises.exercise_solution, name="exercise_solution"),
    path(f"{_EXERCISE}answer/", exercises.exercise_answer, name="exercise_answer"),
    path(f"{_EXERCISE}help/", exercises.exercise_help, name="exercise_help"),
    path(f"{_EXERCISE}feedback/", exercises.exercise_feedback, name="exercise_feedback"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    *room,
    *exercise,
    path("class/<slug:public_id>/", board.board, name="cohort"),
]
