"""The shell's own addresses; pages are in ``portal.routes.urls``."""

from __future__ import annotations

from django.urls import path

from portal.shell import views
from portal.shell.palette import palette

urlpatterns = [
    path("sign-in", views.sign_in, name="sign-in"),
    path("sign-out", views.sign_out, name="sign-out"),
    path("favicon.ico", views.icon, name="icon"),
    path("-/theme", views.choose_theme, name="choose-theme"),
    path("-/language", views.choose_language, name="choose-language"),
    path("-/sidebar", views.choose_sidebar, name="choose-sidebar"),
    path("-/announcement", views.put_away, name="put-away"),
    path("-/shortcuts", views.shortcuts, name="shortcuts"),
    path("-/palette", palette, name="palette"),
    path("-/analytics", views.capture, name="capture"),
]
