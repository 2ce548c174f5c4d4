"""The HTTP layer: API views, error bodies, credentials at the door, conditional requests.

Modules are imported one by one: settings load ``portal.http.policy`` before Django is ready for the rest.
"""
