"""The addresses of the application's pages."""

from django.urls import path

from .views import demo, home, learn

app_name = "flows"
urlpatterns = [
    path("", home.home, name="home"),
    path("learn/flows/", learn.learn_flows, name="learn_flows"),
    path("learn/api/<slug:operation>/", learn.learn_api, name="learn_api"),
    path("demo/", demo.demo, name="demo"),
    path("runs/", demo.demo, name="run_create"),
    path("runs/", demo.demo, name="run_list"),
]
