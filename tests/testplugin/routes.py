from portal.routes import ExternalRouteRef, RouteRef, SubRouteRef

root = RouteRef("testplugin.root")
thing = RouteRef("testplugin.thing", params=("name",))
part = SubRouteRef("testplugin.part", parent=thing, path="/parts/:part")
elsewhere = ExternalRouteRef("testplugin.elsewhere", default_target="missing.root")
homewards = ExternalRouteRef("testplugin.homewards", default_target="testplugin.root")
