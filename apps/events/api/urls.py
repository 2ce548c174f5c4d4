"""Routes below ``/api/events/``."""

from django.urls import path

from apps.events.api import bus, ingress

urlpatterns = [
    path("bus/v1/events", bus.EventPublishView.as_view(), name="event-publish"),
    path("bus/v1/event-batches", bus.EventBatchView.as_view(), name="event-batch"),
    path("bus/v1/subscriptions/<path:id>/events", bus.SubscriptionReadView.as_view(), name="subscription-read"),
    path("bus/v1/subscriptions/<path:id>", bus.SubscriptionPutView.as_view(), name="subscription-put"),
    path("http/<path:topic>", ingress.IngressView.as_view(), name="ingress"),
]
