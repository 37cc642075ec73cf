"""The addresses of the application's pages."""

from django.urls import path

from flows.views import demo, history, home, learn, runs, schemas, sign_in

app_name = "flows"
urlpatterns = [
    path("", home.home, name="home"),
    path("learn/flows/", learn.learn_flows, name="learn_flows"),
    path("learn/api/<slug:operation>/", learn.learn_api, name="learn_api"),
    path("schemas/trace-v2.json", schemas.trace_schema, name="trace_schema"),
    path("demo/", demo.demo, name="demo"),
    path("runs/", runs.runs, name="run_list"),
    path("runs/", runs.runs, name="run_create"),
    path("runs/<slug:code>/", runs.run_detail, name="run_detail"),
    path("runs/<slug:code>/export.json", runs.run_export, name="run_export"),
    path("runs/<slug:code>/advance/", runs.run_advance, name="run_advance"),
    path("runs/<slug:code>/finish/", runs.run_finish, name="run_finish"),
    path("runs/<slug:code>/cancel/", runs.run_cancel, name="run_cancel"),
    path("runs/<slug:code>/reveal/", runs.run_reveal, name="run_reveal"),
    path("runs/<slug:code>/use/", runs.run_use, name="run_use"),
    path("runs/<slug:code>/sign-in/", sign_in.run_sign_in, name="run_sign_in"),
    path("runs/<slug:code>/signed-in/", sign_in.run_signed_in, name="run_signed_in"),
    path("runs/<slug:code>/again/", sign_in.run_again, name="run_again"),
    path("runs/<slug:code>/link/", sign_in.run_link, name="run_link"),
    path("runs/<slug:code>/delete/", history.run_delete, name="run_delete"),
    path("runs/<slug:code>/<slug:view>/", runs.run_view, name="run_view"),
]
