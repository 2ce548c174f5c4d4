"""Routes: names for places, bound to pages by the extension tree and to each other by configuration.

This is the public door for what is plain data; ``portal.routes.urls`` knows the running portal's pages.
"""

from portal.routes.paths import InvalidPath, RoutePath
from portal.routes.refs import AnyRouteRef, ExternalRouteRef, InvalidRouteRef, RouteRef, SubRouteRef
from portal.routes.table import MissingRouteParameters, RouteTable

__all__ = [
    "AnyRouteRef",
    "ExternalRouteRef",
    "InvalidPath",
    "InvalidRouteRef",
    "MissingRouteParameters",
    "RoutePath",
    "RouteRef",
    "RouteTable",
    "SubRouteRef",
]
