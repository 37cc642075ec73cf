"""The addresses of the application's pages."""

from django.urls import path

from flows.pages.compare.views import compare
from flows.pages.demo.views import demo
from flows.pages.errors import learn_error, learn_errors
from flows.pages.history.views import run_delete
from flows.pages.home import home
from flows.pages.identities import identities
from flows.pages.learn.views import (
    learn_api,
    learn_flows,
    learn_providers,
    learn_sdks,
    learn_which,
    learn_words,
)
from flows.pages.mailbox import mailbox
from flows.pages.pools import views as pools
from flows.pages.run import notes, opened, reuse, review, sharing, sign_in, views
from flows.pages.runs import runs
from flows.pages.send.views import send_call
from flows.pages.stand_ins import stand_ins
from flows.pages.trace_schema import trace_schema

app_name = "flows"
urlpatterns = [
    path("", home, name="home"),
    path("mailbox/", mailbox, name="mailbox"),
    path("stand-ins/", stand_ins, name="stand_ins"),
    path("learn/flows/", learn_flows, name="learn_flows"),
    path("learn/which-flow/", learn_which, name="learn_which"),
    path("learn/providers/", learn_providers, name="learn_providers"),
    path("learn/sdks/", learn_sdks, name="learn_sdks"),
    path("learn/words/", learn_words, name="learn_words"),
    path("learn/api/<slug:operation>/", learn_api, name="learn_api"),
    path("learn/errors/", learn_errors, name="learn_errors"),
    path("learn/errors/<slug:slug>/", learn_error, name="learn_error"),
    path("schemas/trace-v2.json", trace_schema, name="trace_schema"),
    path("demo/", demo, name="demo"),
    path("pools/", pools.pool_list, name="pool_list"),
    path("pools/<slug:key>/", pools.pool_detail, name="pool_detail"),
    path("pools/<slug:key>/change/", pools.pool_change, name="pool_change"),
    path("pools/<slug:key>/token/", pools.pool_try, name="pool_try"),
    path("pools/<slug:key>/set-back/", pools.pool_set_back, name="pool_set_back"),
    path("pools/of/<slug:account>/<slug:key>/<slug:tab>/", pools.pool_of_another, name="pool_of_another"),
    path("pools/<slug:key>/<slug:tab>/", pools.pool_detail, name="pool_tab"),
    path("send/", send_call, name="send_call"),
    path("runs/", runs, name="run_list"),
    path("runs/", runs, name="run_create"),
    path("open/", opened.run_open, name="run_open"),
    path("identities/", identities, name="identities"),
    path("compare/", compare, name="compare"),
    path("runs/<slug:code>/", views.run_detail, name="run_detail"),
    path("runs/<slug:code>/export.json", views.run_export, name="run_export"),
    path("runs/<slug:code>/export.har", views.run_export_har, name="run_export_har"),
    path("runs/<slug:code>/advance/", views.run_advance, name="run_advance"),
    path("runs/<slug:code>/finish/", views.run_finish, name="run_finish"),
    path("runs/<slug:code>/cancel/", views.run_cancel, name="run_cancel"),
    path("runs/<slug:code>/reveal/", views.run_reveal, name="run_reveal"),
    path("runs/<slug:code>/use/", views.run_use, name="run_use"),
    path("runs/<slug:code>/sign-in/", sign_in.run_sign_in, name="run_sign_in"),
    path("runs/<slug:code>/send-anyway/", sign_in.run_send_anyway, name="run_send_anyway"),
    path("runs/<slug:code>/signed-in/", sign_in.run_signed_in, name="run_signed_in"),
    path("runs/<slug:code>/again/", reuse.run_again, name="run_again"),
    path("runs/<slug:code>/link/", reuse.run_link, name="run_link"),
    path("runs/<slug:code>/delete/", run_delete, name="run_delete"),
    path("runs/<slug:code>/notes/", notes.note_write, name="note_write"),
    path("runs/<slug:code>/notes/<int:number>/delete/", notes.note_delete, name="note_delete"),
    path("runs/<slug:code>/review/", review.run_review, name="run_review"),
    path("runs/<slug:code>/review/next/", review.run_review_next, name="run_review_next"),
    path("runs/<slug:code>/share/", sharing.run_share, name="run_share"),
    path("runs/<slug:code>/unshare/", sharing.run_unshare, name="run_unshare"),
    path("shared/<slug:token>/", sharing.run_shared, name="run_shared"),
    path("shared/<slug:token>/export.json", sharing.run_shared_export, name="run_shared_export"),
    path("shared/<slug:token>/export.har", sharing.run_shared_har, name="run_shared_har"),
    path("runs/<slug:code>/<slug:view>/", views.run_view, name="run_view"),
]
