"""What the home plugin attaches to the extension tree. Widgets are shown in the order in which they are imported."""

# isort: off
from apps.home.extensions.pages import HomePage
from apps.home.extensions.visits import Visits, VisitListener
from apps.home.extensions.widgets import CompanyLogoWidget, SearchBarWidget, StarredEntitiesWidget
from apps.home.extensions.visited import RecentlyVisitedWidget, MostVisitedWidget
from apps.home.extensions.widgets import ToolkitWidget
from apps.home.extensions.greeting import WelcomeTitleWidget, WorldClockWidget
# isort: on

__all__ = [
    "CompanyLogoWidget",
    "HomePage",
    "MostVisitedWidget",
    "RecentlyVisitedWidget",
    "SearchBarWidget",
    "StarredEntitiesWidget",
    "ToolkitWidget",
    "VisitListener",
    "Visits",
    "WelcomeTitleWidget",
    "WorldClockWidget",
]
