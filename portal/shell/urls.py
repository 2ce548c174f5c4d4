"""The shell's own addresses; pages are in ``portal.routes.urls``."""

from __future__ import annotations

from django.urls import path

from portal.shell import views

urlpatterns = [
    path("sign-in", views.sign_in, name="sign-in"),
    path("sign-out", views.sign_out, name="sign-out"),
    path("favicon.ico", views.icon, name="icon"),
    path("-/theme", views.choose_theme, name="choose-theme"),
]
