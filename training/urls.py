"""Addresses of classes and exercises."""

from django.urls import URLPattern, URLResolver, path

from training.pages import account, classes, joining, me, waiting
from training.pages.exercises import views as exercises
from training.pages.room import actions, after, board, learner, progress, seat

app_name = "training"

_CLASS = "class/<slug:public_id>/"

joins: list[URLPattern | URLResolver] = [
    path("join/", joining.join, name="join"),
    path("join/back/", joining.come_back, name="come_back"),
    path("join/waiting/<int:number>/", joining.return_wait, name="return_wait"),
    path("join/<str:code>/", joining.join_class, name="join_class"),
    path("join/<str:code>/again/", joining.ask_to_return, name="ask_to_return"),
]

own: list[URLPattern | URLResolver] = [
    path("class/", me.home, name="home"),
    path("class/me/", me.me, name="me"),
    path("class/me/looks/", me.me_looks, name="me_looks"),
    path("class/me/name/", me.me_name, name="me_name"),
    path("class/me/who/", me.me_who, name="me_who"),
    path("class/me/switch/", me.me_switch, name="me_switch"),
    path("class/me/export.json", me.me_export, name="me_export"),
    path("class/me/delete/", me.me_delete, name="me_delete"),
    path("class/account/", account.account, name="account"),
    path("class/account/open/", account.account_open, name="account_open"),
    path("class/account/there/", waiting.account_there, name="account_there"),
    path("class/account/reset/", account.account_reset, name="account_reset"),
]

trained: list[URLPattern | URLResolver] = [
    path("class/all/", classes.class_list, name="class_list"),
    path("class/new/", classes.class_new, name="class_new"),
    path(_CLASS, classes.cohort, name="cohort"),
    path(f"{_CLASS}projector/", classes.projector, name="projector"),
    path(f"{_CLASS}settings/", classes.class_settings, name="class_settings"),
    path(f"{_CLASS}act/", classes.cohort_act, name="cohort_act"),
    path(f"{_CLASS}delete/", classes.cohort_delete, name="cohort_delete"),
    path(f"{_CLASS}staff/", classes.staff_act, name="staff_act"),
    path(f"{_CLASS}returns/<int:number>/", classes.return_decide, name="return_decide"),
    path(f"{_CLASS}names/<int:number>/code/", classes.seat_code, name="seat_code"),
    path(f"{_CLASS}learners/<int:number>/remove/", classes.seat_remove, name="seat_remove"),
]

room: list[URLPattern | URLResolver] = [
    path(f"{_CLASS}board/", board.board, name="board"),
    path(f"{_CLASS}board/changes/", board.board_changes, name="board_changes"),
    path(f"{_CLASS}broadcast/", actions.broadcast, name="broadcast"),
    path(f"{_CLASS}unlock/", actions.unlock, name="unlock"),
    path(f"{_CLASS}help/", learner.help_ask, name="help_ask"),
    path(f"{_CLASS}help/<int:number>/take/", actions.help_take, name="help_take"),
    path(f"{_CLASS}help/<int:number>/hand-over/", actions.help_hand_over, name="help_hand_over"),
    path(f"{_CLASS}help/<int:number>/resolve/", actions.help_resolve, name="help_resolve"),
    path(f"{_CLASS}progress/", progress.progress, name="progress"),
    path(f"{_CLASS}news/", learner.news, name="news"),
    path(f"{_CLASS}said/<int:number>/", learner.said_run, name="said_run"),
    path(f"{_CLASS}seats/<int:number>/", seat.seat, name="seat"),
    path(f"{_CLASS}seats/<int:number>/hint/", actions.hint, name="hint"),
    path(f"{_CLASS}seats/<int:number>/begin-again/", actions.begin_again, name="begin_again"),
    path(f"{_CLASS}seats/<int:number>/reset/", seat.reset, name="seat_reset"),
    path(f"{_CLASS}seats/<int:number>/solve/", seat.solve, name="seat_solve"),
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

after_class: list[URLPattern | URLResolver] = [
    path("certificates/", after.certificate_check, name="certificate_check"),
    path("class/import/", after.import_file, name="import"),
    path(f"{_CLASS}report/", after.report, name="report"),
    path(f"{_CLASS}certificates/", after.certificates, name="certificates"),
    path(f"{_CLASS}certificate/", after.own_certificate, name="own_certificate"),
    path(f"{_CLASS}export.json", after.export, name="export"),
    path(f"{_CLASS}next/", after.successor, name="successor"),
]

urlpatterns: list[URLPattern | URLResolver] = [*joins, *own, *exercise, *after_class, *trained, *room]
